"""Which models are configured, and a trial of each; for administrators."""

import time
from urllib.parse import urlsplit

from flask import request

from functions.answer.views import api
from functions.answer.wiring import Dependencies, dependencies
from lectern.access import authenticate
from lectern.api import ModelList, ModelReply, ModelRole, ModelTestReply, ModelTestRequest
from lectern.errors import LecternError, NotFound
from lectern.models.ports import ChatMessage
from lectern.serving.http import read_body

_QUESTION = "Reply with the one word: ready"
_TRIAL_TIMEOUT_S = 20.0


@api.route("GET", "/v1/models/configured", reply=ModelList)
def list_models() -> ModelList:
    """List the models in use; no `chat` one means that answers are quoted sentences."""
    needs = _for_administrator()
    models = [
        ModelReply(
            role="embedder",
            name=needs.embedder.name,
            endpoint=_host(needs.endpoints["embedder"]),
        )
    ]
    if needs.chat is not None:
        models.append(
            ModelReply(role="chat", name=needs.chat.name, endpoint=_host(needs.endpoints["chat"]))
        )
    return ModelList(models=models)


@api.route("POST", "/v1/models/test", body=ModelTestRequest, reply=ModelTestReply)
def test_model() -> ModelTestReply:
    """Send a model a short request; say how long it took, or what is wrong."""
    needs = _for_administrator()
    role = read_body(ModelTestRequest).role
    if role == "chat" and needs.chat is None:
        raise NotFound("there is no chat model; set LECTERN_CHAT_URL and LECTERN_CHAT_MODEL")
    dimensions, detail = None, ""
    started = time.perf_counter()
    try:
        dimensions = _try(needs, role)
    except LecternError as error:
        detail = error.detail
    return ModelTestReply(
        role=role,
        reachable=not detail,
        latency_ms=round((time.perf_counter() - started) * 1000, 1),
        dimensions=dimensions,
        detail=detail,
    )


def _try(needs: Dependencies, role: ModelRole) -> int | None:
    if role == "embedder":
        return int(needs.embedder.embed_query(_QUESTION).shape[0])
    if needs.chat is not None:
        reply = needs.chat.reply([ChatMessage("user", _QUESTION)], timeout_s=_TRIAL_TIMEOUT_S)
        try:
            next(iter(reply.deltas), None)
        finally:
            reply.deltas.close()
    return None


def _for_administrator() -> Dependencies:
    needs = dependencies()
    authenticate(needs.catalog, request.headers.get("Authorization")).require_administrator()
    return needs


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
