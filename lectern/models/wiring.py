"""Which models the settings ask for. Cached for the process; imports nothing it does not need."""

from functools import cache
from typing import TYPE_CHECKING

from lectern.errors import PermanentError

if TYPE_CHECKING:
    from lectern.models.ports import ChatModel, Embedder
    from lectern.settings import Settings


@cache
def embedder(settings: "Settings") -> "Embedder":
    """Return the embedder; the offline one is built on first use if set-up did not.

    Raises:
        PermanentError: The settings are incomplete, or the offline model cannot be built.
    """
    if settings.embedder == "offline":
        from lectern.models.offline import OfflineEmbedder

        return OfflineEmbedder(settings.home)
    from lectern.models.endpoint import EndpointEmbedder

    return EndpointEmbedder(
        url=settings.embedding_url,
        key=settings.embedding_key.get_secret_value(),
        model=settings.embedding_model,
        max_tokens=settings.embedding_max_tokens,
    )


@cache
def chat_model(settings: "Settings") -> "ChatModel | None":
    """Return the chat model, or None when no endpoint is set: answers are extractive then.

    Raises:
        PermanentError: An endpoint is set, but no model.
    """
    if not settings.chat_url:
        return None
    if not settings.chat_model:
        raise PermanentError(
            "LECTERN_CHAT_URL is set, but LECTERN_CHAT_MODEL is empty; set it",
            code="chat_settings",
        )
    from lectern.models.chat import OpenAIChat

    return OpenAIChat(
        url=settings.chat_url,
        key=settings.chat_key.get_secret_value(),
        model=settings.chat_model,
        timeout_s=settings.chat_timeout_s,
    )
