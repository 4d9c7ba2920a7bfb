"""Where the files of this package are."""

from pathlib import Path

WEB = Path(__file__).resolve().parents[1]
ASSETS = WEB / "assets"
TEMPLATES = WEB / "templates"
STYLE = WEB / "style.css"
