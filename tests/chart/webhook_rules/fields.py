"""Which fields an object may have."""

from collections.abc import Iterator, Mapping
from typing import Any


def only(given: Mapping[str, Any] | None, allowed: str, where: str) -> Iterator[str]:
    """Yield a refusal for each field of `given` that is not among the words of `allowed`."""
    for name in (given or {}).keys() - set(allowed.split()):
        yield f"{where}.{name}: field is not allowed"


def exactly_one(given: Mapping[str, Any], choices: str, where: str) -> Iterator[str]:
    """Yield a refusal unless exactly one of the words of `choices` is a field of `given`."""
    found = sorted(given.keys() & set(choices.split()))
    if len(found) != 1:
        yield f"{where}: expected exactly one of {choices}, got {found or 'none'}"
