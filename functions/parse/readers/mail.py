"""E-mail (RFC 5322, MIME): subject, who and when, the best body; attachments become documents."""

import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage, Message, MIMEPart
from email.parser import BytesParser
from pathlib import Path

from functions.parse.blocks import Member, ReadPage
from functions.parse.readers.decoding import decode
from functions.parse.readers.member_names import DistinctNames
from functions.parse.readers.page_builder import PageBuilder
from functions.parse.readers.plain_text import add_text
from functions.parse.readers.web_page import add_document, decode_html
from lectern.documents import safe_name
from lectern.errors import TooLarge

MAX_ATTACHMENTS = 200
MAX_BYTES = 256 * 1024 * 1024
MAX_DEPTH = 50
"""Messages and parts within each other; a real thread of forwarded messages stays far below."""
_STUB_SHARE = 4
"""A plain body whose HTML says this many times as much only says to look at the HTML."""
_SHOWN = ("From", "To", "Cc", "Date")
_STUB = 3  # times as much in the HTML: the plain text is a stub ("see the HTML version")
_MARKUP = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>|\s+", re.IGNORECASE | re.DOTALL)


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield one page: the message without its attachments. See `Reader`."""
    del first_page, last_page
    message = parse_mail(path)
    page = PageBuilder()
    page.heading(str(message.get("Subject", "")) or "Message without subject", 1)
    page.text("\n".join(f"{name}: {message[name]}" for name in _SHOWN if message[name]))
    _add_body(page, message)
    names = [name for name, _ in _attachments(message)]
    if names:
        page.text(f"Attachments: {', '.join(names)}")
    yield page.page(1)


def read_members(path: Path, folder: Path) -> Iterator[Member]:
    """Write the attachments into `folder` and yield them. See `MembersReader`."""
    distinct = DistinctNames()
    for number, (name, part) in enumerate(_attachments(parse_mail(path)), start=1):
        if number > MAX_ATTACHMENTS:
            raise TooLarge(
                f"the message has more than {MAX_ATTACHMENTS} attachments; save them and upload "
                "them as a .zip"
            )
        file = folder / f"attachment-{number:04d}"
        file.write_bytes(part_bytes(part))
        yield Member(distinct(name), file)


def parse_mail(path: Path) -> EmailMessage:
    """Return the message in a file; also one that was saved as UTF-16 text.

    Raises:
        TooLarge: The file is larger, or nests deeper, than a message is.
    """
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(f"messages of more than {MAX_BYTES >> 20} MiB are not read")
    data = path.read_bytes()
    if b"\0" in data[:4096]:
        data = decode(data).encode()
    try:
        message = BytesParser(policy=policy.default).parsebytes(data.lstrip())
    except RecursionError as error:
        raise _too_deep() from error
    level: list[Message] = [message]
    for _ in range(MAX_DEPTH):
        level = [inner for part in level for inner in _inside(part)]
    if level:
        raise _too_deep()
    return message


def part_bytes(part: MIMEPart) -> bytes:
    """Return what a part carries, its transfer encoding undone."""
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        return first.as_bytes() if isinstance(first, Message) else b""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def part_text(part: MIMEPart) -> str:
    """Return a text part decoded by its charset, or by a guess when that is missing or wrong."""
    data, charset = part_bytes(part), part.get_content_charset()
    if part.get_content_subtype() == "html":
        return decode_html(data, charset)
    return decode(data, charset) if data else ""


def _add_body(page: PageBuilder, message: EmailMessage) -> None:
    """Add the plain body, or the HTML one where the plain is missing, blank or a stub."""
    plain, html = (message.get_body(preferencelist=(kind,)) for kind in ("plain", "html"))
    text = part_text(plain) if plain is not None else ""
    if html is not None:
        rich = part_text(html)
        if len(text.strip()) * _STUB_SHARE < _length(rich):
            add_document(page, rich)
            return
    add_text(page, text)


def _length(html: str) -> int:
    """Return how many characters a reader of the HTML sees."""
    page = PageBuilder()
    add_document(page, html)
    return sum(
        len(block.text) + sum(len(cell) for row in block.rows for cell in row)
        for block in page.page(1).blocks
    )


def _inside(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [inner for inner in payload if isinstance(inner, Message)] if part.is_multipart() else []


def _too_deep() -> TooLarge:
    return TooLarge(
        f"the message nests deeper than {MAX_DEPTH} levels; save the message that matters and "
        "upload it by itself"
    )


def _attachments(message: EmailMessage) -> Iterator[tuple[str, MIMEPart]]:
    bodies = [message.get_body(preferencelist=(kind,)) for kind in ("plain", "html")]
    if not message.is_multipart():
        return
    for number, part in enumerate(message.iter_attachments(), start=1):
        if any(part is body for body in bodies) or (part.get_content_maintype() == "multipart"):
            continue
        suffix = ".eml" if part.get_content_type() == "message/rfc822" else ""
        yield safe_name(part.get_filename() or f"attachment {number}{suffix}"), part
