"""The models that the operator set up by environment: entries that nobody can edit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lectern.catalog.port_models import ModelEntry, ModelKind
from lectern.errors import PermanentError
from lectern.models.choosing import OFFLINE_NAME
from lectern.models.embedding_identity import ENDPOINT, OFFLINE
from lectern.models.encoder import MAX_TOKENS

if TYPE_CHECKING:
    from lectern.settings import Settings

ENVIRONMENT_IDS = frozenset(
    {
        "environment",
        "environment-small",
        "environment-vision",
        "environment-rerank",
        OFFLINE,
        ENDPOINT,
    }
)


def environment_entries(settings: "Settings") -> Sequence[ModelEntry]:
    """Return an entry for each model of the environment, without keys.

    Raises:
        PermanentError: An endpoint is set, but no model (codes `chat_settings`, `rerank_settings`,
            `embedding_settings`).
    """
    found = []
    if settings.chat_url:
        _require(settings.chat_model, "LECTERN_CHAT", code="chat_settings")
        models = {
            "environment": settings.chat_model,
            "environment-small": settings.small_chat_model,
            "environment-vision": settings.vision_chat_model,
        }
        found = [
            ModelEntry(
                model_id,
                model,
                "chat",
                settings.chat_url,
                model,
                context_tokens=settings.chat_context_tokens,
                sees_images=settings.chat_sees_images or model_id == "environment-vision",
                timeout_s=settings.chat_timeout_s,
            )
            for model_id, model in models.items()
            if model
        ]
    if settings.rerank_url:
        if settings.rerank_kind != "tei":
            _require(settings.rerank_model, "LECTERN_RERANK", code="rerank_settings")
        found.append(
            ModelEntry(
                "environment-rerank",
                settings.rerank_model or "TEI",
                "rerank",
                settings.rerank_url,
                settings.rerank_model,
                dialect=settings.rerank_kind,
                timeout_s=settings.rerank_timeout_s,
            )
        )
    return [*found, *_embedding(settings)]


def _embedding(settings: "Settings") -> Sequence[ModelEntry]:
    """Return the embedder in this process, and that of the endpoint if there is one."""
    offline = ModelEntry(
        OFFLINE, OFFLINE_NAME, "embedding", "", OFFLINE_NAME, context_tokens=MAX_TOKENS
    )
    if settings.embedder == "endpoint":
        if not settings.embedding_url:
            raise PermanentError(
                "LECTERN_EMBEDDER is 'endpoint', but LECTERN_EMBEDDING_URL is empty; set it",
                code="embedding_settings",
            )
        _require(settings.embedding_model, "LECTERN_EMBEDDING", code="embedding_settings")
    if not (settings.embedding_url and settings.embedding_model):
        return [offline]
    endpoint = ModelEntry(
        ENDPOINT,
        settings.embedding_model,
        "embedding",
        settings.embedding_url,
        settings.embedding_model,
        context_tokens=settings.embedding_max_tokens,
    )
    return [offline, endpoint]


def environment_key(settings: "Settings", kind: ModelKind) -> str:
    """Return the key of the environment's models of a kind."""
    keys = {
        "chat": settings.chat_key,
        "rerank": settings.rerank_key,
        "embedding": settings.embedding_key,
    }
    return keys[kind].get_secret_value()


def _require(model: str, name: str, *, code: str) -> None:
    if not model:
        raise PermanentError(f"{name}_URL is set, but {name}_MODEL is empty; set it", code=code)
