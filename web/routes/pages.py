"""Pages of documents for the viewer: pictures and words.

An address with the document's revision (`r`) never changes its answer, so the browser may keep it.
Each is asked for in the name of the signed-in person; what they may not read is not there.
"""

from functools import cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lectern.client.pages import Picture
from lectern.errors import InvalidRequest
from web.configuration import settings
from web.pictures import PictureCache
from web.routes.problems import lectern_of, speaks_json

_WIDTHS = range(50, 2401)
_WIDTH = 1000


@speaks_json
async def picture(request: Request) -> Response:
    """Return a page as PNG, `w` pixels wide or a little more."""
    document_id: str = request.path_params["document"]
    page_number: int = request.path_params["page"]
    asked = request.query_params.get("w", str(_WIDTH))
    if not asked.isdecimal() or int(asked) not in _WIDTHS:
        raise InvalidRequest(f"w is {asked[:20]!r}; it is a width of 50 to 2400 pixels")
    key = (document_id, page_number, int(asked))

    def fetch() -> Picture:
        known = _cache().get(key)
        found = lectern_of(request).pages.picture(
            document_id, page_number, width=int(asked), known=known
        )
        if found is not known:
            _cache().keep(key, found)
        return found

    found = await run_in_threadpool(fetch)
    headers = _lasting(request) | {"ETag": found.etag}
    if found.etag and request.headers.get("if-none-match") == found.etag:
        return Response(status_code=304, headers=headers)
    return Response(found.data, media_type="image/png", headers=headers)


@speaks_json
async def words(request: Request) -> Response:
    """Return the size of a page and its words, to lay over the picture."""
    found = await run_in_threadpool(
        lectern_of(request).pages.words,
        request.path_params["document"],
        request.path_params["page"],
    )
    return Response(
        found.model_dump_json(), media_type="application/json", headers=_lasting(request)
    )


@cache
def _cache() -> PictureCache:
    return PictureCache(settings().web_picture_cache_bytes)


def _lasting(request: Request) -> dict[str, str]:
    lasting = request.query_params.get("r", "").isdecimal()
    return {
        "Cache-Control": "private, max-age=31536000, immutable" if lasting else "private, no-cache",
        "Vary": "Cookie",
    }


ROUTES = [
    Route("/api/pages/{document}/{page:int}.png", picture),
    Route("/api/pages/{document}/{page:int}/words", words),
]
