"""The OpenAI-compatible API: Lectern as a model. Nothing that is asked here is stored."""

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from flask import Response, request

from functions.answer.openai_bodies import (
    ChatCompletion,
    ChatCompletionRequest,
    ModelCard,
    ModelCards,
)
from functions.answer.openai_errors import error_response
from functions.answer.openai_reply import Completion
from functions.answer.openai_request import (
    EVERYTHING,
    OF_A_COLLECTION,
    asked,
    assistant_of,
    collections_of,
)
from functions.answer.streaming import HEADERS, Cancellation, event_stream
from functions.answer.views import api, events_for
from functions.answer.wiring import dependencies
from lectern.access import Access, authenticate
from lectern.api import AnswerReply
from lectern.api.assistants import MODEL_PREFIX
from lectern.catalog.port_assistants import Assistant
from lectern.catalog.records import Collection
from lectern.errors import LecternError
from lectern.serving.http import read_body

P = ParamSpec("P")
R = TypeVar("R")
_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # when there was a model of all collections


def _tells_openai_errors(
    view: Callable[P, R],
) -> Callable[P, R | Response]:
    @functools.wraps(view)
    def telling(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        try:
            return view(*args, **kwargs)
        except LecternError as error:
            return error_response(error)

    return telling


@api.route("GET", "/v1/models", reply=ModelCards)
@_tells_openai_errors
def list_models() -> ModelCards:
    """List what can be asked through the OpenAI-compatible API.

    `lectern` asks all collections the caller may read, `lectern/<slug>` one of them,
    `assistant/<slug>` an assistant that somebody saved.
    """
    access = _caller()
    saved = access.catalog.assistants.list(access.user.user_id)
    own = map(_card, access.collections([]))
    return ModelCards(data=[_everything(), *own, *map(_card_of_assistant, saved)])


@api.route("GET", "/v1/models/<path:model>", reply=ModelCard)
@_tells_openai_errors
def get_model(model: str) -> ModelCard:
    """Return one model of the OpenAI-compatible API."""
    access = _caller()
    if model == EVERYTHING:
        return _everything()
    if assistant_id := assistant_of(access, model):
        saved = access.catalog.assistants.get(access.user.user_id, assistant_id)
        if saved is not None:
            return _card_of_assistant(saved)
    return _card(access.collections(collections_of(access, model))[0])


@api.route("POST", "/v1/chat/completions", body=ChatCompletionRequest, reply=ChatCompletion)
@_tells_openai_errors
def post_chat_completion() -> Response | ChatCompletion:
    """Answer the last message of a chat from documents, the way OpenAI's API does.

    Works with OpenAI's SDKs: the base URL is this function's address with `/v1`, the key an API key
    of Lectern's. The caller's own rights decide which documents are seen. The answer cites pages
    as `[n]`, lists them at its end, and has them as `annotations`. Nothing is stored.
    """
    access = _caller()
    chat = read_body(ChatCompletionRequest)
    question = asked(access, chat)
    cancellation = Cancellation()
    events = events_for(
        access,
        question.request,
        _token(),
        cancellation,
        earlier=question.earlier,
        askers_rules=question.rules,
    )
    completion = Completion(
        chat.model,
        question.request.question,
        dependencies().places,
        sources=chat.lectern.sources,
        usage_wanted=bool(chat.stream_options and chat.stream_options.include_usage),
    )
    if chat.stream:
        stream = event_stream(events, cancellation, encode=completion.encode)
        return Response(stream, content_type="text/event-stream; charset=utf-8", headers=HEADERS)
    for event in events:
        if event.event == "done":
            return completion.whole(AnswerReply.model_validate(event.data))
    raise LecternError("the answer has no end; the log of the function has it")


def _caller() -> Access:
    return authenticate(dependencies().catalog, request.headers.get("Authorization"))


def _token() -> str:
    return request.headers.get("Authorization", "").partition(" ")[2].strip()


def _everything() -> ModelCard:
    return ModelCard(
        id=EVERYTHING,
        created=int(_FIRST_DAY.timestamp()),
        owned_by="lectern",
        name="All collections",
    )


def _card_of_assistant(assistant: Assistant) -> ModelCard:
    return ModelCard(
        id=MODEL_PREFIX + assistant.slug,
        created=int(assistant.created_at.timestamp()),
        owned_by="lectern",
        name=assistant.name,
    )


def _card(collection: Collection) -> ModelCard:
    return ModelCard(
        id=OF_A_COLLECTION + collection.slug,
        created=int(collection.created_at.timestamp()),
        owned_by="lectern",
        name=collection.name,
    )
