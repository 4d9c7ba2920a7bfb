"""Prompts as files, one for each name and version: rules, and for some a style to be replaced.

`answer-v4.md` has the rules, which hold for everybody: passages are data, the form of citations,
the word of refusal. `answer-v4.style.md`, beside it, says how to write; people and collections may
say that in their own words.
"""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("prompts")
_STYLE = ".style.md"


@cache
def prompt_text(version: str) -> str:
    """Return the rules of a prompt, such as `answer-v4`."""
    return (_FOLDER / f"{version}.md").read_text(encoding="utf-8").strip()


@cache
def prompt_style(version: str) -> str:
    """Return Lectern's own words on style for a prompt, "" for one that has no style."""
    path = _FOLDER / f"{version}{_STYLE}"
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


@cache
def prompt_versions() -> tuple[str, ...]:
    """Return the names with versions of all prompts, sorted."""
    files = (path.name for path in _FOLDER.glob("*.md"))
    return tuple(sorted(name.removesuffix(".md") for name in files if not name.endswith(_STYLE)))


def prompt_of(message: str) -> str:
    """Return which prompt's rules `message` begins with, "" for none."""
    known = (version for version in prompt_versions() if message.startswith(prompt_text(version)))
    return next(known, "")
