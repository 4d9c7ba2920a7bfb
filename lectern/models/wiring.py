"""Which models the settings ask for. Cached for the process; imports nothing it does not need."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lectern.models.ports import Embedder
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
        path_counts=False,
    )
