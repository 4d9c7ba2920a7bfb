"""How a collection can have its documents read."""

from typing import Literal

Parser = Literal["builtin"]
"""`builtin` is Lectern's own readers; another one joins here and in `functions/parse/detect.py`."""

OCR_LANGUAGE = r"^[a-zA-Z0-9_]{2,32}$"
"""What Tesseract's names of languages look like: `eng`, `kor`, `chi_sim`."""
