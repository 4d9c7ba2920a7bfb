"""The web UI put together: Streamlit's page behind the gate, beside our own routes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
import streamlit.config
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from web.configuration import WebSettings
from web.gate import Gate
from web.headers import SecurityHeaders, content_security_policy, streamlit_index
from web.metrics import Measured
from web.parts.deleting import DELETIONS
from web.parts.states import on_script_error
from web.routes import account, downloads, health, pages, provider, shared, start, uploads
from web.sealing import seal_of
from web.unknown import UnknownPages

_PAGE = Path(__file__).parent / "page.py"


def build(settings: WebSettings) -> st.App:
    """Return the application, made from the settings.

    The public origin is Streamlit's to know too: behind a proxy that changes the Host header it
    would refuse every websocket.
    """
    if settings.public_origin:
        streamlit.config.set_option("server.corsAllowedOrigins", [settings.public_origin])
    return st.App(
        _PAGE,
        routes=routes(),
        middleware=middleware(settings),
        lifespan=_life,
        on_script_error=on_script_error,
    )


@asynccontextmanager
async def _life(_: st.App) -> AsyncIterator[None]:
    """Finish at the end what was left to be deleted: the way back lives in this process."""
    yield
    await run_in_threadpool(DELETIONS.finish_all)


def routes() -> Sequence[BaseRoute]:
    """Return our own routes; Streamlit serves every other path."""
    return [
        *start.ROUTES,
        *health.ROUTES,
        *account.ROUTES,
        *provider.ROUTES,
        *pages.ROUTES,
        *downloads.ROUTES,
        *uploads.ROUTES,
        *shared.ROUTES,
    ]


def middleware(settings: WebSettings) -> Sequence[Middleware]:
    """Return what stands in front of everything, outermost first."""
    return [
        Middleware(Measured),
        Middleware(
            SecurityHeaders,
            policy=content_security_policy(
                streamlit_index(), upload_origin=settings.web_upload_origin
            ),
        ),
        Middleware(
            Gate,
            seal=seal_of(settings),
            origins={settings.public_origin} - {""},
            host_names=settings.host_names,
        ),
        Middleware(UnknownPages),
    ]
