"""PyMuPDF without its layout model, which costs half a second and 55 MB and paints nothing.

Imported inside the sandbox only; its parent process preloads it, so that no picture waits for it.
"""

import sys

# An entry of None makes the import fail, and PyMuPDF then goes without the optional package.
sys.modules.setdefault("pymupdf.layout", None)  # type: ignore[arg-type]

import pymupdf  # noqa: E402 - after the entry above

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)

__all__ = ["pymupdf"]
