"""Knative function `catalog`: people, collections, documents and their content over HTTP."""

import functions_framework
from flask import Request, Response

from functions.catalog import (
    collections,
    content,
    documents,
    links,
    people,
    pictures,
    uploads,
    words,
)
from functions.catalog.service import api

__all__ = [
    "catalog",
    "collections",
    "content",
    "documents",
    "links",
    "people",
    "pictures",
    "uploads",
    "words",
]


@functions_framework.http  # type: ignore[untyped-decorator]  # the framework has no types
def catalog(request: Request) -> Response:
    """Serve the catalog API; importing the modules above has registered their views."""
    return api(request)
