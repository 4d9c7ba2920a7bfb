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
    plain, html = (_body(message, kind) for kind in ("plain", "html"))
    if html and len(plain.strip()) * _STUB < len(_MARKUP.sub("", html)):
        add_document(page, html)
    else:
        add_text(page, plain)
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
        TooLarge: The file is larger than a message is.
    """
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(f"messages of more than {MAX_BYTES >> 20} MiB are not read")
    data = path.read_bytes()
    if b"\0" in data[:4096]:
        data = decode(data).encode()
    return BytesParser(policy=policy.default).parsebytes(data.lstrip())


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


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return "" if part is None else part_text(part)


def _attachments(message: EmailMessage) -> Iterator[tuple[str, MIMEPart]]:
    bodies = [message.get_body(preferencelist=(kind,)) for kind in ("plain", "html")]
    if not message.is_multipart():
        return
    for number, part in enumerate(message.iter_attachments(), start=1):
        if any(part is body for body in bodies) or (part.get_content_maintype() == "multipart"):
            continue
        suffix = ".eml" if part.get_content_type() == "message/rfc822" else ""
        yield safe_name(part.get_filename() or f"attachment {number}{suffix}"), part
