"""A shared conversation: public, read only, drawn here without a script or a session."""

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lectern.errors import LecternError, NotFound
from web.connections import lectern_for
from web.routes.forms import page

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_PRIVATE = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}
"""The address is the secret: no search engine and no other site may learn it."""


async def shared(request: Request) -> Response:
    """Show what somebody has shared, or that the link does not work."""
    secret = request.path_params["secret"]
    try:
        conversation = await run_in_threadpool(lectern_for("").conversations.shared, secret)
    except NotFound:
        response: Response = page(request, "shared_gone.html", status=404)
    except LecternError as error:
        response = page(request, "shared_gone.html", status=error.status, trouble=True)
    else:
        response = page(request, "shared.html", conversation=conversation, markdown=markdown)
    response.headers.update(_PRIVATE)
    return response


def markdown(text: str) -> Markup:
    """Return an answer as HTML: what the text holds of HTML is shown as text; links and images go.

    The parser escapes everything that is not its own markup.
    """
    return Markup(_parser().render(text))  # noqa: S704 - see above; tests try to break out


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
    return parser.disable(["link", "image", "autolink", "html_inline", "html_block", "reference"])


ROUTES = [Route("/shared/{secret}", shared)]
