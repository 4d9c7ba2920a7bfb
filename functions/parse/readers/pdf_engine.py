"""PyMuPDF, imported without its layout model: half the time and 55 MB less (notes in ADR 4).

Everything else of the PDF reader takes `pymupdf` from here, inside the sandbox's worker only.
"""

import sys
from typing import Any

# An entry of None makes the import fail, and PyMuPDF then goes without the optional package.
sys.modules.setdefault("pymupdf.layout", None)  # type: ignore[arg-type]

import pymupdf  # noqa: E402 - after the line above on purpose

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)

Document = Any
"""A `pymupdf.Document`; the library has no types."""
PdfPage = Any
"""A `pymupdf.Page`."""

__all__ = ["Document", "PdfPage", "pymupdf"]
