"""Zip archives as batches: every file in one becomes a document of its own.

Names in an archive only ever become names to show: files are written under numbers. Sizes are
counted while unpacking, because what an archive declares can be a lie.
"""

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from functions.parse.blocks import Member, ReadPage
from functions.parse.readers.decoding import decode
from functions.parse.readers.member_names import DistinctNames, member_path
from functions.parse.readers.page_builder import PageBuilder
from functions.parse.signatures import refuse_or_recognise
from lectern.errors import LecternError, TooLarge, UnreadableDocument

MAX_MEMBERS = 2000
MAX_TOTAL_BYTES = 2 << 30
MAX_RATIO = 200
_RATIO_COUNTS_ABOVE_BYTES = 16 * 1024 * 1024
_CHUNK_BYTES = 1 << 20
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_FAILURES = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError,
    ValueError,
)  # fmt: skip
"""What zipfile raises on broken members."""
_LITTER = re.compile(r"(^|/)(__MACOSX/|\.[^./]|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst")


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield one page that lists what the archive holds. See `Reader`."""
    del first_page, last_page
    with _opened(path) as archive:
        page = PageBuilder()
        page.heading("Files in this archive", 1)
        for _, name in _files(archive):
            page.item(name)
        yield page.page(1)


def read_members(path: Path, folder: Path) -> Iterator[Member]:
    """Unpack into `folder`, a member at a time; one that fails carries its `problem`.

    Raises:
        UnreadableDocument: Damaged, empty, or wholly encrypted (code `password_protected`).
        TooLarge: More members or more bytes than the limits.
    """
    with _opened(path) as archive:
        files = _files(archive)
        if all(info.flag_bits & _ENCRYPTED for info, _ in files):
            raise UnreadableDocument(
                "the archive is encrypted; unpack it and upload its files, or a .zip without a "
                "password",
                code="password_protected",
            )
        left = MAX_TOTAL_BYTES
        distinct = DistinctNames()
        for number, (info, shown) in enumerate(files, start=1):
            name = distinct(shown)
            file = folder / f"member-{number:05d}"
            try:
                left -= _unpack(archive, info, file, left)
                _refuse_nested(file, name)
            except LecternError as error:
                file.unlink(missing_ok=True)
                if isinstance(error, TooLarge) and error.code == "archive_too_large":
                    raise
                yield Member(name, file, problem=error.detail)
            else:
                yield Member(name, file)


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UnreadableDocument(
            f"the archive is damaged ({error}); pack it again and upload that", code="damaged"
        ) from error


def _files(archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, str]]:
    """Return the members that are files to read, with their names.

    Raises:
        UnreadableDocument: There are none (code `empty`).
        TooLarge: There are too many, or they declare too many bytes.
    """
    infos = archive.infolist()
    files = [
        (info, member_path(name))
        for info, name in zip(infos, _names(infos), strict=True)
        if not info.is_dir()
        and not stat.S_ISLNK(info.external_attr >> 16)
        and not _LITTER.search(name.replace("\\", "/"))
    ]
    if not files:
        raise UnreadableDocument("the archive holds no files; upload the files", code="empty")
    if len(files) > MAX_MEMBERS:
        raise TooLarge(f"the archive holds {len(files)} files, at most {MAX_MEMBERS}; split it")
    if sum(info.file_size for info, _ in files) > MAX_TOTAL_BYTES:
        raise _archive_too_large()
    return files


def _names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Return the members' names; those without the UTF-8 flag in the encoding that fits them all.

    Python reads them as cp437; Korean, Japanese and Chinese Windows write their own code pages.
    """
    unmarked = [i for i in infos if not i.flag_bits & _UTF8_NAME and not i.filename.isascii()]
    raw = b"\n".join(info.filename.encode("cp437", errors="replace") for info in unmarked)
    try:
        decoded = decode(raw).split("\n") if raw else []
    except UnreadableDocument:
        decoded = []
    if len(decoded) != len(unmarked):
        return [info.filename for info in infos]
    names = {id(info): name for info, name in zip(unmarked, decoded, strict=True)}
    return [names.get(id(info), info.filename) for info in infos]


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: Path, left: int) -> int:
    """Write a member to `file` and return its size; `left` is what the archive may still take."""
    if info.flag_bits & _ENCRYPTED:
        raise UnreadableDocument("it is encrypted; add it without a password")
    written = 0
    with file.open("wb") as target:
        for chunk in _chunks(archive, info):
            written += len(chunk)
            if written > left:
                raise _archive_too_large()
            if written > max(_RATIO_COUNTS_ABOVE_BYTES, MAX_RATIO * info.compress_size):
                raise TooLarge(f"it unpacks to more than {MAX_RATIO} times its size; upload it")
            target.write(chunk)
    return written


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(info) as source:
            while chunk := source.read(_CHUNK_BYTES):
                yield chunk
    except _FAILURES as error:
        raise UnreadableDocument(f"it is damaged ({error}); pack it again") from error


def _refuse_nested(file: Path, name: str) -> None:
    with file.open("rb") as stream:
        head = stream.read(512)
    if name.lower().endswith(_ARCHIVES) or (
        head.startswith(b"PK") and refuse_or_recognise(file, head, name) == "zip"
    ):
        raise UnreadableDocument(
            "it is an archive within the archive; unpack it and upload its files"
        )


def _archive_too_large() -> TooLarge:
    return TooLarge(
        f"the archive unpacks to more than {MAX_TOTAL_BYTES >> 30} GiB; split it",
        code="archive_too_large",
    )
