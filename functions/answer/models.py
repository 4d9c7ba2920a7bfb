"""Which models are in use, and a trial of any; for administrators."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from flask import request

from functions.answer.trying import tried
from functions.answer.views import api
from functions.answer.wiring import Dependencies, dependencies
from lectern.access import authenticate
from lectern.api import ModelList, ModelReply, ModelRole, ModelTestReply, ModelTestRequest
from lectern.catalog.port_models import ModelEntry, ModelUse
from lectern.errors import NotFound
from lectern.models.addresses import same_origin
from lectern.models.editing import described
from lectern.serving.http import read_body

_USE_OF_ROLE: Mapping[ModelRole, ModelUse] = {
    "embedder": "embedding",
    "chat": "answer",
    "rerank": "rerank",
}


@api.route("GET", "/v1/models/configured", reply=ModelList)
def list_models() -> ModelList:
    """List the models in use; no `chat` one means that answers are quoted sentences."""
    needs = _for_administrator()
    models = [
        ModelReply(role=role, name=entry.model, endpoint=_host(entry.url))
        for role, use in _USE_OF_ROLE.items()
        for entry in needs.models.known().serving(use)[:1]
    ]
    return ModelList(models=models)


@api.route("POST", "/v1/models/test", body=ModelTestRequest, reply=ModelTestReply)
def test_model() -> ModelTestReply:
    """Send a model a short request; say how long it took, or what is wrong."""
    needs = _for_administrator()
    asked = read_body(ModelTestRequest)
    entry, key_of = _serving(needs, asked.role) if asked.role else _named(needs, asked)
    return tried(needs.models, entry, key_of)


def _serving(needs: Dependencies, role: ModelRole) -> tuple[ModelEntry, Callable[[], str]]:
    serving = needs.models.known().serving(_USE_OF_ROLE[role])
    if not serving:
        name = f"LECTERN_{role.upper()}"
        raise NotFound(
            f"there is no {role} model; add one on the Models page, or set {name}_URL and "
            f"{name}_MODEL"
        )
    return serving[0], lambda: needs.models.key_of(serving[0])


def _named(needs: Dependencies, asked: ModelTestRequest) -> tuple[ModelEntry, Callable[[], str]]:
    """Return a stored model, or one that is described; a stored key goes to its own host only."""
    stored = needs.catalog.models.get(asked.model_id)
    stored = stored or needs.models.known().entries.get(asked.model_id)
    if asked.model is None:
        if stored is None:
            raise NotFound(f"there is no model {asked.model_id!r}")
        return stored, lambda: needs.models.key_of(stored)
    entry, given = described(asked.model), asked.model.key.get_secret_value()
    if stored is not None and not given and same_origin(entry.url, stored.url):
        return entry, lambda: needs.models.key_of(stored)
    return entry, lambda: given


def _for_administrator() -> Dependencies:
    needs = dependencies()
    authenticate(needs.catalog, request.headers.get("Authorization")).require_administrator()
    return needs


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
