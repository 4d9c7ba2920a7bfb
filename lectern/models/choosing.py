"""The embedders an installation has, and which of them a collection is to be embedded with.

The vectors of a collection are one embedder's. It stays with that one until it is embedded anew,
whatever was chosen or configured meanwhile; so both may be at work side by side.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal

from lectern.errors import PermanentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lectern.models.ports import Embedder
    from lectern.settings import Settings

EmbedderKind = Literal["offline", "endpoint"]

OFFLINE_NAME = "offline/all-MiniLM-L6-v2"
ENDPOINT_MARK = "endpoint-"
"""How the fingerprint of an endpoint's embedder begins."""


@dataclass(frozen=True, slots=True)
class Embedders:
    """The embedders at hand; all but the default are made at their first use.

    Args:
        default: The one of the installation's settings.
        kind: What kind that is.
        others: The further ones, by kind.
    """

    default: "Embedder"
    kind: EmbedderKind = "offline"
    others: "Mapping[EmbedderKind, Callable[[], Embedder]]" = field(default_factory=dict)

    def chosen(self, kind: EmbedderKind | None) -> "Embedder":
        """Return the embedder of a kind, the default for None.

        Raises:
            PermanentError: There is none of that kind any more (code `embedding_settings`).
        """
        if kind is None or kind == self.kind:
            return self.default
        if kind not in self.others:
            raise PermanentError(
                f"the collection is to be embedded by {kind!r}, which is not configured; set "
                "LECTERN_EMBEDDING_URL and LECTERN_EMBEDDING_MODEL, or choose another embedder",
                code="embedding_settings",
            )
        return self.others[kind]()

    def bound(self, fingerprint: str) -> "Embedder | None":
        """Return the embedder that a collection is bound to, or None when it is not at hand."""
        if self.default.fingerprint == fingerprint:
            return self.default
        make = self.others.get("endpoint" if fingerprint.startswith(ENDPOINT_MARK) else "offline")
        other = make() if make else None
        return other if other is not None and other.fingerprint == fingerprint else None


def embedder_names(settings: "Settings") -> "Mapping[EmbedderKind, str]":
    """Return the names of the embedders at hand, the default's first. Makes none of them."""
    names: dict[EmbedderKind, str] = {"offline": OFFLINE_NAME}
    if settings.embedding_url and settings.embedding_model:
        names["endpoint"] = settings.embedding_model
    return dict(sorted(names.items(), key=lambda name: name[0] != settings.embedder))


@cache
def embedders(settings: "Settings") -> Embedders:
    """Return the embedders of these settings; raises as `lectern.models.embedder` does."""
    from lectern.models.wiring import embedder

    def of_kind(kind: EmbedderKind) -> "Callable[[], Embedder]":
        return lambda: embedder(settings.model_copy(update={"embedder": kind}))

    others = {k: of_kind(k) for k in embedder_names(settings) if k != settings.embedder}
    return Embedders(embedder(settings), settings.embedder, others)
