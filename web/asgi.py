"""The web UI as an ASGI application: Streamlit's page behind the gate, beside our own routes.

uvicorn web.asgi:app        or        python -m web
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from web.configuration import WebSettings, settings
from web.gate import Gate
from web.headers import SecurityHeaders, content_security_policy, streamlit_index
from web.parts.states import on_script_error
from web.routes import account, downloads, health, pages, provider, shared, uploads
from web.sealing import seal_of

_PAGE = Path(__file__).parent / "page.py"


def build(settings: WebSettings) -> st.App:
    """Return the application, made from the settings."""
    seal = seal_of(settings)
    origins = {settings.public_origin} - {""}
    routes: list[BaseRoute] = [
        *health.ROUTES,
        *account.ROUTES,
        *provider.ROUTES,
        *pages.ROUTES,
        *downloads.ROUTES,
        *uploads.ROUTES,
        *shared.ROUTES,
    ]
    return st.App(
        _PAGE,
        routes=routes,
        middleware=[
            Middleware(SecurityHeaders, policy=content_security_policy(streamlit_index())),
            Middleware(Gate, seal=seal, origins=origins, host_names=settings.host_names),
        ],
        lifespan=_lifespan,
        on_script_error=on_script_error,
    )


@asynccontextmanager
async def _lifespan(_: Any) -> AsyncIterator[None]:
    logging.getLogger("lectern.web").info("ready")
    yield


app = build(settings())
