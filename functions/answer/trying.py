"""A trial of a model: a short request, and how long its answer took."""

import time
from collections.abc import Callable

from lectern.api import ModelRole, ModelTestReply
from lectern.catalog.port_models import ModelEntry
from lectern.errors import LecternError
from lectern.models import ChatMessage
from lectern.models.registry import Models

_QUESTION = "Reply with the one word: ready"
_TIMEOUT_S = 20.0


def tried(models: Models, entry: ModelEntry, key_of: Callable[[], str]) -> ModelTestReply:
    """Try a model that need not be stored; that its key cannot be read is a result, too."""
    if entry.kind == "embedding":
        return _tried("embedder", lambda: _embed(models, entry, key_of()))
    if entry.kind == "rerank":
        return _tried("rerank", lambda: _judge(models, entry, key_of()))
    return _tried("chat", lambda: _ask(models, entry, key_of()))


def _ask(models: Models, entry: ModelEntry, key: str) -> None:
    chat = models.chat_for_trial(entry, key)
    reply = chat.reply([ChatMessage("user", _QUESTION)], timeout_s=_TIMEOUT_S)
    try:
        next(iter(reply.deltas), None)
    finally:
        reply.deltas.close()


def _embed(models: Models, entry: ModelEntry, key: str) -> int:
    """Embed a question, for which a person waits; return the dimensions."""
    return int(models.embedder_for_trial(entry, key).embed_query(_QUESTION).shape[0])


def _judge(models: Models, entry: ModelEntry, key: str) -> None:
    models.reranker_for_trial(entry, key).rerank(_QUESTION, ["ready", "not at all"])


def _tried(role: ModelRole, trial: Callable[[], int | None]) -> ModelTestReply:
    dimensions, detail = None, ""
    started = time.perf_counter()
    try:
        dimensions = trial()
    except LecternError as error:
        detail = error.detail
    return ModelTestReply(
        role=role,
        reachable=not detail,
        latency_ms=round((time.perf_counter() - started) * 1000, 1),
        dimensions=dimensions,
        detail=detail,
    )
