"""In which languages the pictures of a document are read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

_MOST = 4  # each makes recognition slower
_wanted: ContextVar[tuple[str, ...]] = ContextVar("ocr_languages", default=())


@contextmanager
def reading_in(languages: Sequence[str]) -> Iterator[None]:
    """Recognise these languages inside the `with`, the most frequent first; none means all.

    Set around a whole parse: pictures turn up deep inside of readers that know of no language.
    """
    token = _wanted.set(tuple(languages))
    try:
        yield
    finally:
        _wanted.reset(token)


def languages_among(installed: Sequence[str]) -> tuple[str, ...]:
    """Return what to recognise: the wanted languages that are installed, all if none of them is."""
    here = [language for language in _wanted.get() if language in installed]
    return tuple(here or installed)[:_MOST]
