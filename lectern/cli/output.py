"""What commands print: one JSON document, or text that is safe in a terminal and 80 columns wide.

Names, passages and answers come from documents and models: control characters, with which they
could drive the terminal, never reach it.
"""

import json
import re
import shutil
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_WIDTH = 80


def print_json(document: Any) -> None:
    """Print `document` as the one JSON document of this command.

    Names of files that are not UTF-8 are printed with escapes, which give the name back.
    """
    text = json.dumps(document, ensure_ascii=False, indent=2)
    if _SURROGATE.search(text):
        text = json.dumps(document, indent=2)
    click.echo(text)


def printable(text: str) -> str:
    """Return `text` without control characters; line breaks and tabs stay."""
    return _CONTROL.sub("", text)


def paper() -> "Console":
    """Return a console for results: stdout, at most 80 columns, wide characters counted as two."""
    from rich.console import Console

    width = min(_MAX_WIDTH, shutil.get_terminal_size((_MAX_WIDTH, 24)).columns)
    return Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)


def sidelines() -> "Console":
    """Return a console for progress and remarks: stderr."""
    from rich.console import Console

    return Console(file=sys.stderr, highlight=False, markup=False, emoji=False)


def indented(console: "Console", text: str, *, spaces: int) -> None:
    """Print `text` wrapped to the console's width and indented by `spaces`."""
    from rich.text import Text

    for line in Text(printable(text)).wrap(console, console.width - spaces):
        console.print(" " * spaces + line.plain.rstrip(), soft_wrap=True)
