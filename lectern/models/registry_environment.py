"""The models that the operator set up by environment: entries that nobody can edit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lectern.catalog.port_models import ModelEntry, ModelKind
from lectern.errors import PermanentError

if TYPE_CHECKING:
    from lectern.settings import Settings

ENVIRONMENT_IDS = frozenset(
    {"environment", "environment-small", "environment-vision", "environment-rerank"}
)


def environment_entries(settings: "Settings") -> Sequence[ModelEntry]:
    """Return an entry for each model of the environment, without keys.

    Raises:
        PermanentError: An endpoint is set, but no model (codes `chat_settings`, `rerank_settings`).
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
    return found


def environment_key(settings: "Settings", kind: ModelKind) -> str:
    """Return the key of the environment's models of a kind."""
    key = settings.chat_key if kind == "chat" else settings.rerank_key
    return key.get_secret_value()


def _require(model: str, name: str, *, code: str) -> None:
    if not model:
        raise PermanentError(f"{name}_URL is set, but {name}_MODEL is empty; set it", code=code)
