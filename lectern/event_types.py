"""Types of events: `dev.lectern.<subject>.<past tense>.v<version>`.

A version changes when data of the one before cannot be understood as the other; both then live side
by side for a release. New fields alone need no new version, since unknown ones are ignored.
"""

from collections.abc import Iterable
from typing import ClassVar, Protocol

from lectern.errors import TransientError

_PREFIX = "dev.lectern."


def name_of(event_type: str) -> str:
    """Return what the type says happened, without Lectern's prefix and the version."""
    return event_type.removeprefix(_PREFIX).rsplit(".", 1)[0]


class _Model(Protocol):
    event_type: ClassVar[str]


def refuse_newer(event_type: str, models: Iterable[type[_Model]]) -> None:
    """Return if `event_type` is no later version of what one of the models understands.

    Raises:
        TransientError: It is (code `newer_event`). While a rollout is under way, a newer instance
            will understand the event when it is delivered again; if none comes, the broker hands it
            to the dead letters. Nothing is lost.
    """
    if any(_is_newer(event_type, model.event_type) for model in models):
        raise TransientError(
            f"type {event_type!r} is newer than this function; finish the rollout, then replay the "
            "dead letters",
            code="newer_event",
        )


def _is_newer(event_type: str, known: str) -> bool:
    stem, _, version = event_type.rpartition(".v")
    known_stem, _, known_version = known.rpartition(".v")
    return stem == known_stem and version.isdecimal() and int(version) > int(known_version)
