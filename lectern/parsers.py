"""How a collection can have its documents read, and what each way needs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lectern.settings import Settings

Parser = Literal["builtin", "docling", "azure"]
"""`builtin` is Lectern's own readers; `docling` and `azure` are services that pages are sent to.

Another one joins here and in `functions/parse/detect.py`.
"""

NEEDED: Mapping[Parser, str] = {
    "docling": "LECTERN_DOCLING_URL",
    "azure": "LECTERN_AZURE_DOCUMENT_URL",
}
"""The setting without which a parser cannot be chosen; one that is not here needs none."""

OCR_LANGUAGE = r"^[a-zA-Z0-9_]{2,32}$"
"""What Tesseract's names of languages look like: `eng`, `kor`, `chi_sim`."""


def configured_parsers(settings: "Settings") -> tuple[Parser, ...]:
    """Return the parsers that a collection can choose here, Lectern's own first.

    A key is not asked for: only the function that sends pages has it.
    """
    there: dict[Parser, str] = {
        "builtin": "always",
        "docling": settings.docling_url,
        "azure": settings.azure_document_url,
    }
    return tuple(parser for parser, needed in there.items() if needed)
