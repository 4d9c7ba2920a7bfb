"""Tells apart the formats that are all text: by what they begin with and by their names."""

import re
from pathlib import PurePosixPath

from functions.parse.readers.decoding import decode, looks_like_text
from lectern.errors import UnreadableDocument

_BY_EXTENSION = {
    "html": "html", "htm": "html", "xhtml": "html", "xht": "html", "mht": "mhtml",
    "mhtml": "mhtml", "xml": "xml", "svg": "xml", "xsd": "xml", "xsl": "xml", "rss": "xml",
    "atom": "xml", "kml": "xml", "md": "markdown", "markdown": "markdown", "mdx": "markdown",
    "txt": "text", "text": "text", "log": "text", "rst": "text", "adoc": "text",
    "asciidoc": "text", "tex": "text", "srt": "text", "vtt": "text", "org": "text",
    "csv": "csv", "tsv": "csv", "tab": "csv", "json": "json", "geojson": "json",
    "jsonl": "jsonl", "ndjson": "jsonl", "ipynb": "notebook", "eml": "email",
}  # fmt: skip
_CODE = frozenset({
    "py", "pyi", "js", "mjs", "ts", "tsx", "jsx", "java", "kt", "kts", "c", "h", "cc",
    "cpp", "cxx", "hpp", "cs", "go", "rs", "rb", "php", "pl", "pm", "lua", "r", "jl",
    "scala", "swift", "m", "mm", "sh", "bash", "zsh", "fish", "ps1", "bat", "cmd", "sql",
    "yaml", "yml", "toml", "ini", "cfg", "conf", "properties", "env", "dockerfile",
    "makefile", "mk", "cmake", "gradle", "groovy", "proto", "graphql", "css", "scss",
    "less", "vue", "svelte", "tf", "hcl", "vb", "f90", "f95", "hs", "ml", "ex", "exs",
    "erl", "clj", "dart", "asm", "s", "diff", "patch",
})  # fmt: skip
_CODE_NAMES = frozenset({"dockerfile", "makefile", "jenkinsfile", "rakefile"})
_BY_TYPE = {
    "text/html": "html", "application/xhtml+xml": "html", "multipart/related": "mhtml",
    "application/xml": "xml", "text/xml": "xml", "image/svg+xml": "xml",
    "text/markdown": "markdown", "text/csv": "csv", "text/tab-separated-values": "csv",
    "application/json": "json", "application/x-ndjson": "jsonl", "application/jsonl": "jsonl",
    "application/x-ipynb+json": "notebook", "message/rfc822": "email",
}  # fmt: skip
_HTML = re.compile(
    r"\s*(<\?xml[^>]*\?>\s*)?(?><!--(?:(?!-->).)*-->\s*)*+<(!doctype\s+html|html)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*<(\?xml|!doctype|svg)\b", re.IGNORECASE)
_MAIL = re.compile(
    r"(?:(?:from|to|subject|date|received|return-path|message-id|mime-version|delivered-to"
    r"|x-[\w-]+|dkim-signature|content-[\w-]+|cc|reply-to):[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){3}",
    re.IGNORECASE,
)


def text_format(head: bytes, name: str, content_type: str) -> str:
    """Return the format of a file whose first bytes are `head` and no binary signature.

    Raises:
        UnreadableDocument: It is not text (code `unsupported`).
    """
    if not looks_like_text(head):
        raise UnreadableDocument(
            f"{name!r} is a binary file of unknown kind; convert it to PDF and upload that",
            code="unsupported",
        )
    pure = PurePosixPath(name.replace("\\", "/"))
    extension = pure.suffix.lstrip(".").lower()
    is_code = extension in _CODE or pure.name.lower() in _CODE_NAMES
    named = "code" if is_code else _BY_EXTENSION.get(extension)
    if named is None or named == "text":
        return _by_content(decode(head)) or named or _declared(content_type) or "text"
    if named == "email" and _is_web_archive(head):
        return "mhtml"
    return named


def _declared(content_type: str) -> str | None:
    return _BY_TYPE.get(content_type.partition(";")[0].strip().lower())


def _by_content(text: str) -> str | None:
    if _HTML.match(text):
        return "html"
    if _XML.match(text):
        return "xml"
    if _MAIL.match(text):
        return "mhtml" if "multipart/related" in text[:4096].lower() else "email"
    if text.lstrip().startswith("{") and _is_notebook(text):
        return "notebook"
    return None


def _is_notebook(text: str) -> bool:
    return '"cells"' in text and '"nbformat"' in text and '"cell_type"' in text


def _is_web_archive(head: bytes) -> bool:
    return b"snapshot-content-location:" in head[:4096].lower()
