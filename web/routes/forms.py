"""Our own HTML pages: drawn from templates without JavaScript, their forms checked when sent."""

import hmac
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from lectern.errors import Forbidden
from web.configuration import settings
from web.gate import visitor_of
from web.headers import streamlit_index, text_font
from web.language import LANGUAGES, preferred, text
from web.routes.cookies import keep_language, keep_visitor
from web.routes.files import STYLE, TEMPLATES
from web.sealing import LANGUAGE_COOKIE, VISIT_COOKIE, Seal, Visitor, seal_of

FORM_FIELD = "form"
FORM_HEADER = "x-csrf-token"


@cache
def seal() -> Seal:
    """Return the seal of this process."""
    return seal_of(settings())


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True)


@cache
def style_version() -> str:
    """Return what changes with the style sheet, for an address that can be cached for ever."""
    import hashlib

    return hashlib.sha256(STYLE.read_bytes()).hexdigest()[:12]


@cache
def _font() -> str:
    return text_font(streamlit_index())


def language_of(request: Request) -> str:
    """Return the language for a reader of our own pages."""
    return preferred(
        request.query_params.get("language", ""),
        request.cookies.get(LANGUAGE_COOKIE, ""),
        request.headers.get("accept-language", ""),
    )


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page of ours; its forms carry the secret of the visitor's cookie."""
    language = language_of(request)
    visitor = _known(request)
    fresh = visitor is None
    visitor = visitor or Visitor.fresh()
    html = (
        _templates()
        .get_template(template)
        .render(
            t=partial(text, language),
            language=language,
            languages=LANGUAGES,
            form=visitor.form,
            style=style_version(),
            font=_font(),
            path=request.url.path,
            **values,
        )
    )
    response = HTMLResponse(html, status, headers={"Cache-Control": "no-store"})
    if fresh:
        keep_visitor(response, request, seal(), visitor)
    if request.query_params.get("language") in LANGUAGES:
        keep_language(response, request, language)
    return response


async def checked_form(request: Request) -> Mapping[str, str]:
    """Return the text fields of a form that one of our own pages has sent.

    Raises:
        Forbidden: It does not carry the secret of the visitor's cookie.
    """
    form = await request.form(max_files=0, max_fields=50, max_part_size=64 << 10)
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    check_secret(request, fields.get(FORM_FIELD, ""))
    return fields


def check_secret(request: Request, secret: str) -> None:
    """Check what a form or a request of ours must repeat.

    Raises:
        Forbidden: It is not the secret of the visitor's cookie.
    """
    visitor = _known(request)
    if visitor is None or not hmac.compare_digest(visitor.form.encode(), secret.encode()):
        raise Forbidden("the form is out of date; load the page again", code="form_refused")


def _known(request: Request) -> Visitor | None:
    return visitor_of(request) or seal().open(request.cookies.get(VISIT_COOKIE, ""))
