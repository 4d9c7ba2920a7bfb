"""Knative function `catalog`: people, collections, documents and their content over HTTP."""

import functions_framework
from flask import Request, Response

from functions.catalog import (
    assistants,
    auditing,
    backups,
    bulk,
    collections,
    content,
    conversation_links,
    conversations,
    documents,
    feedback,
    groups,
    invitations,
    links,
    models,
    oidc,
    people,
    pictures,
    preferences,
    sharing,
    signing_in,
    tool_servers,
    uploads,
    urls,
    usage,
    users,
    words,
)
from functions.catalog.service import api

__all__ = [
    "assistants",
    "auditing",
    "backups",
    "bulk",
    "catalog",
    "collections",
    "content",
    "conversation_links",
    "conversations",
    "documents",
    "feedback",
    "groups",
    "invitations",
    "links",
    "models",
    "oidc",
    "people",
    "pictures",
    "preferences",
    "sharing",
    "signing_in",
    "tool_servers",
    "uploads",
    "urls",
    "usage",
    "users",
    "words",
]


@functions_framework.http  # type: ignore[untyped-decorator]  # the framework has no types
def catalog(request: Request) -> Response:
    """Serve the catalog API; importing the modules above has registered their views."""
    return api(request)
