"""The embedders at hand, and which of them a collection is embedded with.

The vectors of a collection are one embedder's. It stays with that one until it is embedded anew,
whatever was chosen or configured meanwhile; so several may be at work side by side.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern.errors import PermanentError
from lectern.models.bound import BoundEmbedder
from lectern.models.embedding_identity import ENDPOINT

if TYPE_CHECKING:
    from lectern.models.ports import Embedder

OFFLINE_NAME = "offline/all-MiniLM-L6-v2"


@dataclass(frozen=True, slots=True)
class AtHand:
    """An embedder that can be made.

    Args:
        make: Makes it, or returns the one that is made; raises as its first use would.
        made: Says whether vectors of a fingerprint and a length are its own; asks no endpoint.
    """

    make: "Callable[[], Embedder]"
    made: Callable[[str, int], bool]


@dataclass(frozen=True, slots=True)
class Embedders:
    """The embedders at hand; each is made at its first use.

    Args:
        default_id: Which one new collections get.
        at_hand: All, by id, in the order in which they stand in for each other.
    """

    default_id: str
    at_hand: Mapping[str, AtHand]

    @property
    def default(self) -> "Embedder":
        """What new collections are embedded with."""
        return self.at_hand[self.default_id].make()

    def chosen(self, embedder_id: str | None) -> "Embedder":
        """Return the embedder of this id, the default for None.

        Raises:
            PermanentError: It is not at hand any more (codes `embedding_settings` for the
                environment's, `embedder_mismatch` for an entry of the registry).
        """
        wanted = embedder_id or self.default_id
        if wanted in self.at_hand:
            return self.at_hand[wanted].make()
        if wanted == ENDPOINT:
            raise PermanentError(
                f"the collection is to be embedded by {wanted!r}, which is not configured; set "
                "LECTERN_EMBEDDING_URL and LECTERN_EMBEDDING_MODEL, or choose another embedder",
                code="embedding_settings",
            )
        raise PermanentError(
            f"the collection is set to the embedding model {wanted!r}, which was removed or "
            "switched off; choose another one in the settings of the collection and reprocess the "
            "document, or have an administrator switch it on",
            code="embedder_mismatch",
        )

    def bound(
        self, fingerprint: str, dimensions: int, *, first: str | None = None
    ) -> "Embedder | None":
        """Return the embedder that a collection is bound to, or None when it is not at hand.

        Where several make the same vectors, the next is asked when one fails.

        Args:
            fingerprint: What the collection is bound to.
            dimensions: Length of its vectors.
            first: Id of the one to ask first, if it is one of them.
        """
        ordered = sorted(self.at_hand.items(), key=lambda each: each[0] != first)
        fitting = [each.make for _, each in ordered if each.made(fingerprint, dimensions)]
        return BoundEmbedder(fitting, fingerprint, dimensions) if fitting else None
