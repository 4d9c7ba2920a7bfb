"""Knative function `retrieve`: a question -> ranked passages."""

import functions_framework
from flask import Request, Response, request

from functions.retrieve.search import search
from functions.retrieve.wiring import dependencies
from lectern.access import authenticate
from lectern.api import SearchReply, SearchRequest
from lectern.serving import Api
from lectern.serving.http import read_body

api = Api("retrieve", warm_up=dependencies)


@api.route("POST", "/v1/search", body=SearchRequest, reply=SearchReply)
def search_documents() -> SearchReply:
    """Search documents: hybrid, by meaning, or by words."""
    own = dependencies()
    authorization = request.headers.get("Authorization")
    return search(
        read_body(SearchRequest),
        lambda: authenticate(own.catalog, authorization),
        index=own.index,
        embedders_for=own.models.embedders,
        reranker=own.models.reranker,
        pool=own.pool,
    )


@functions_framework.http  # type: ignore[untyped-decorator]  # the framework has no types
def retrieve(outer: Request) -> Response:
    """Serve the API; see `lectern.serving.Api`."""
    return api(outer)
