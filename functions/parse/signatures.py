"""Recognises binary files by their first bytes and by what their containers hold.

Signatures: the formats' own specifications and the IANA media type registrations.
"""

import mmap
import zipfile
from pathlib import Path
from typing import NoReturn

from lectern.errors import UnreadableDocument

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_PDF_WITHIN_BYTES = 1024  # ISO 32000-1, annex H.3.4.1: viewers accept a header in the first KiB

_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*",
           b"II+\0", b"MM\0+")  # fmt: skip

_REFUSED = (
    (b"MZ", "a Windows program", "upload documents only"),
    (b"\x7fELF", "a Linux program", "upload documents only"),
    (b"\xcf\xfa\xed\xfe", "a macOS program", "upload documents only"),
    (b"\xca\xfe\xba\xbe", "a compiled program", "upload documents only"),
    (b"\0asm", "a compiled program", "upload documents only"),
    (b"L\0\0\0\x01\x14\x02\0", "a Windows shortcut", "upload the file it points to"),
    (b"ID3", "audio", "upload its transcript"),
    (b"\xff\xfb", "audio", "upload its transcript"),
    (b"fLaC", "audio", "upload its transcript"),
    (b"OggS", "audio or video", "upload its transcript"),
    (b"\x1aE\xdf\xa3", "video", "upload its transcript"),
    (b"FLV\x01", "video", "upload its transcript"),
    (b"\0\0\x01\xba", "video", "upload its transcript"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "upload its files, or a .zip of them"),
    (b"Rar!\x1a\x07", "a RAR archive", "upload its files, or a .zip of them"),
    (b"\x1f\x8b", "a gzip file", "upload its files, or a .zip of them"),
    (b"BZh", "a bzip2 file", "upload its files, or a .zip of them"),
    (b"\xfd7zXZ\0", "an xz file", "upload its files, or a .zip of them"),
    (b"\x28\xb5\x2f\xfd", "a zstandard file", "upload its files, or a .zip of them"),
    (b"SQLite format 3\0", "a database", "export its tables as CSV"),
    (b"PAR1", "a Parquet file", "export it as CSV"),
    (b"8BPS", "a Photoshop file", "export it as PNG or PDF"),
    (b"AT&TFORM", "a DjVu file", "convert it to PDF"),
    (b"%!PS", "a PostScript file", "convert it to PDF"),
    (b"\0\0\x01\0", "an icon", "upload documents only"),
    (b"HWP Document File", "a HWP 2 or 3 file", "save it as .docx or PDF"),
    (b"wOF", "a font", "upload documents only"),
    (b"\0\x01\0\0\0", "a font", "upload documents only"),
    (b"bplist00", "a property list", "upload documents only"),
)
_ALSO_WORDS = (b"MZ", b"ID3", b"OggS", b"FLV\x01", b"BZh", b"PAR1", b"8BPS", b"wOF", b"fLaC")
"""Signatures a text might begin with: they count only when a NUL follows soon."""

_MAIN_PARTS = {
    "word/": "docx",
    "ppt/": "pptx",
    "xl/": "xlsx",
}
_MIMETYPES = {
    "application/epub+zip": "epub",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.text-template": "odt",
    "application/vnd.oasis.opendocument.text-master": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.spreadsheet-template": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.presentation-template": "odp",
}
_STREAMS = (
    ("FileHeader", "a Hangul (.hwp) file", "save it as .docx or PDF in Hangul"),
    ("WordDocument", "an old Word (.doc) file", "save it as .docx or PDF in Word"),
    ("Workbook", "an old Excel (.xls) file", "save it as .xlsx in Excel"),
    ("Book", "an old Excel (.xls) file", "save it as .xlsx in Excel"),
    ("PowerPoint Document", "an old PowerPoint (.ppt) file", "save it as .pptx or PDF"),
    ("__properties_version1.0", "an Outlook (.msg) file", "save the message as .eml or PDF"),
)


def refuse_or_recognise(path: Path, head: bytes, name: str) -> str | None:
    """Return the format of a binary file, or None when its beginning names none.

    Raises:
        UnreadableDocument: It is something Lectern does not read, or it is encrypted.
    """
    if head.startswith(_OLE):
        _refuse_ole(path, name)
    if head.startswith(_ZIP):
        return _zip_format(path, name)
    if _is_pdf(head, name):
        return "pdf"
    if head.startswith(_IMAGES) or _is_bmp(head) or _riff(head) == b"WEBP":
        return "image"
    if head.startswith(b"{\\rtf"):
        return "rtf"
    _refuse_media(head, name)
    for signature, kind, way_out in _REFUSED:
        if head.startswith(signature) and (signature not in _ALSO_WORDS or b"\0" in head[:512]):
            _refuse(name, kind, way_out)
    if head[257:262] == b"ustar":
        _refuse(name, "a tar archive", "upload its files, or a .zip of them")
    return None


def _refuse(name: str, kind: str, way_out: str) -> NoReturn:
    raise UnreadableDocument(
        f"{name!r} is {kind}, which Lectern does not read; {way_out}", code="unsupported"
    )


def _refuse_locked(name: str) -> NoReturn:
    raise UnreadableDocument(
        f"{name!r} is protected with a password; remove the password in its program and upload it "
        "again",
        code="password_protected",
    )


def _is_pdf(head: bytes, name: str) -> bool:
    """Whether it is a PDF; called one, it may have a broken header, which MuPDF repairs."""
    if head.startswith(b"%PDF"):
        return True
    called = name.lower().endswith(".pdf")
    begins_late = b"%PDF-" in head[:_PDF_WITHIN_BYTES]
    return (begins_late and (called or b"\0" in head)) or (called and b" obj" in head)


def _is_bmp(head: bytes) -> bool:
    return (
        head.startswith(b"BM")
        and head[6:10] == b"\0\0\0\0"
        and head[14:18] in {size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124)}
    )


def _riff(head: bytes) -> bytes:
    return head[8:12] if head.startswith(b"RIFF") else b""


def _refuse_media(head: bytes, name: str) -> None:
    if _riff(head) in {b"WAVE", b"AVI "}:
        _refuse(name, "audio or video", "upload its transcript")
    if head[4:8] == b"ftyp":
        if head[8:12] in {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"}:
            _refuse(name, "a HEIC or AVIF picture", "save it as JPEG or PNG")
        _refuse(name, "audio or video", "upload its transcript")


def _refuse_ole(path: Path, name: str) -> NoReturn:
    """Refuse an OLE container, saying which program wrote it by the names of its streams."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            _refuse_locked(name)
        for stream, kind, way_out in _STREAMS:
            if data.find(f"{stream}\0".encode("utf-16-le")) >= 0:
                _refuse(name, kind, way_out)
    _refuse(name, "an old Office file", "save it in a current format, or as PDF")


def _zip_format(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as package:
            return _package_format(package, name)
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise UnreadableDocument(
            f"{name!r} is damaged ({error}); download or save it again and upload that",
            code="damaged",
        ) from error


def _package_format(package: zipfile.ZipFile, name: str) -> str:
    names = set(package.namelist())
    mimetype = _mimetype(package) if "mimetype" in names else ""
    if mimetype in _MIMETYPES:
        return _MIMETYPES[mimetype]
    if "META-INF/container.xml" in names and any(n.endswith(".opf") for n in names):
        return "epub"
    if "[Content_Types].xml" in names:
        for prefix, kind in _MAIN_PARTS.items():
            if any(n.startswith(prefix) for n in names):
                if any(n.endswith(".bin") and n == "xl/workbook.bin" for n in names):
                    _refuse(name, "a binary workbook (.xlsb)", "save it as .xlsx")
                return kind
        _refuse(name, "an Office file of another program", "save it as .docx or PDF")
    if mimetype.startswith("application/hwp+zip"):
        _refuse(name, "a Hangul (.hwpx) file", "save it as .docx or PDF in Hangul")
    if mimetype.startswith("application/vnd.oasis.opendocument"):
        _refuse(name, "an OpenDocument drawing or formula", "export it as PDF")
    if any(n.endswith(".iwa") for n in names):
        _refuse(name, "an iWork file", "export it as .docx, .xlsx, .pptx or PDF")
    return "zip"


def _mimetype(package: zipfile.ZipFile) -> str:
    member = package.getinfo("mimetype")
    if member.file_size > 256 or member.flag_bits & 1:  # noqa: PLR2004 - no media type is longer
        return ""
    return package.read(member).decode("ascii", errors="replace").strip()
