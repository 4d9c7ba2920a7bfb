"""Whether this process lives, and the files that need no sign-in."""

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from web.routes.files import ASSETS, STYLE

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


async def healthz(_: Request) -> PlainTextResponse:
    """Answer a liveness probe."""
    return PlainTextResponse("ok\n")


async def style(_: Request) -> FileResponse:
    """Return the style sheet; its address changes with its content."""
    return FileResponse(STYLE, media_type="text/css", headers=_FOR_EVER)


ROUTES = [
    Route("/assets/style-{version}.css", style),
    Route("/healthz", healthz),
    Mount("/assets", app=StaticFiles(directory=ASSETS)),
]
