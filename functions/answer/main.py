"""Knative function `answer`: a question -> an answer with citations, streamed."""

import functions_framework
from flask import Request, Response

from functions.answer import mcp_api, models, openai_api, prompt_views, receipt_views
from functions.answer.mind_maps import views as mind_maps
from functions.answer.outer import views as outer
from functions.answer.views import api

__all__ = [
    "answer",
    "mcp_api",
    "mind_maps",
    "models",
    "openai_api",
    "outer",
    "prompt_views",
    "receipt_views",
]


@functions_framework.http  # type: ignore[untyped-decorator]  # the framework has no types
def answer(request: Request) -> Response:
    """Serve the answer API."""
    return api(request)
