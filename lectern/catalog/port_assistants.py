"""What Lectern asks of its catalog about assistants: ways of asking that somebody saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Assistant:
    """Where and how to ask, under a name.

    `collections` are ids, none for all that whoever asks may read; nobody reads more through an
    assistant than without it. `manner` are fields of a request and of people's settings, see
    `lectern.api.AssistantRequest`. `slug` ends at random, so that it tells of no other one. Only
    its owner sees an assistant that is not `shared`, everybody one that is.
    """

    assistant_id: str
    slug: str
    owner_id: str
    name: str
    created_at: datetime
    description: str = ""
    shared: bool = False
    collections: tuple[str, ...] = ()
    manner: Mapping[str, Any] = field(default_factory=dict)


class Assistants(Protocol):
    """The assistants of this installation. One that a user may not see does not exist for them."""

    def list(self, user_id: str) -> Sequence[Assistant]:
        """Return the user's own and the shared ones, by name."""
        ...

    def get(self, user_id: str, assistant: str) -> Assistant | None:
        """Return one by id or slug, or None."""
        ...

    def create(
        self,
        user_id: str,
        name: str,
        *,
        description: str = "",
        shared: bool = False,
        collections: Sequence[str] = (),
        manner: Mapping[str, Any],
    ) -> Assistant:
        """Store a new one of the user's.

        Raises:
            InvalidRequest: The user has too many.
        """
        ...

    def change(self, assistant_id: str, changes: Mapping[str, Any]) -> Assistant | None:
        """Replace fields of `Assistant`; return it, or None if it is gone."""
        ...

    def delete(self, assistant_id: str) -> None:
        """Remove one; conversations with it go on without. Safe to repeat."""
        ...
