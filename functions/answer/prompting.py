"""Prompts as files: one for each name and version."""

from functools import cache
from pathlib import Path


@cache
def prompt_text(version: str) -> str:
    """Return the text of a prompt, such as `answer-v2`."""
    path = Path(__file__).with_name("prompts") / f"{version}.md"
    return path.read_text(encoding="utf-8").strip()
