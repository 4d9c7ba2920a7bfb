"""The document that every page of the application begins with: Streamlit's, as we serve it."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from web.headers import streamlit_index
from web.navigation import PATHS


async def start(_: Request) -> Response:
    """Return the document; it is the same for everybody, and asked for anew each time."""
    return HTMLResponse(streamlit_index(), headers={"Cache-Control": "no-cache"})


ROUTES = [Route(path, start) for path in sorted(PATHS)]
