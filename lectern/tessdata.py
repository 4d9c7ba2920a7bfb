"""The language data of Tesseract that is installed on this machine.

It is looked for where systems install it (Debian: `tesseract-ocr` and `tesseract-ocr-<language>`);
no program is started, and no environment variable is needed.
"""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PLACES = (
    "/usr/share/tesseract-ocr/*/tessdata",
    "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
_NOT_LANGUAGES = frozenset({"osd", "equ"})


@dataclass(frozen=True, slots=True)
class Tessdata:
    """A folder of language data; its `languages` are Tesseract's names, English first."""

    folder: str
    languages: tuple[str, ...]


@cache
def installed() -> Tessdata | None:
    """Return the installed data, or None without any."""
    folders = [Path(os.environ["TESSDATA_PREFIX"])] if os.environ.get("TESSDATA_PREFIX") else []
    folders += [match for place in _PLACES for match in sorted(Path("/").glob(place[1:]))]
    for folder in folders:
        found = sorted(file.stem for file in folder.glob("*.traineddata"))
        languages = [name for name in found if name not in _NOT_LANGUAGES]
        languages.sort(key=lambda name: name != "eng")
        if languages:
            return Tessdata(str(folder), tuple(languages))
    return None
