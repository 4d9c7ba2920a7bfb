"""What a file is, by content before name before declared type."""

import zipfile
from pathlib import Path

import pytest

from functions.parse.detect import Format, detect, members_reader_for, reader_for
from lectern.errors import UnreadableDocument

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def written(folder: Path, data: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(data)
    return path


def zipped(folder: Path, **members: str) -> Path:
    path = folder / "upload"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        pytest.param(b"%PDF-1.7\n", "letter.docx", Format.PDF, id="content beats name"),
        pytest.param(b"%1.4\n1 0 obj\n", "a.pdf", Format.PDF, id="pdf with a broken header"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0", "a", Format.IMAGE, id="png"),
        pytest.param(b"<!DOCTYPE html><html>", "old.doc", Format.HTML, id="html called doc"),
        pytest.param(b"<?xml version='1.0'?><a/>", "bomb", Format.XML, id="xml without a name"),
        pytest.param(b"# Title\n", "README.md", Format.MARKDOWN, id="markdown"),
        pytest.param(b"a,b\n1,2\n", "t.csv", Format.CSV, id="csv"),
        pytest.param(b"print()\n", "main.py", Format.CODE, id="code"),
        pytest.param(b"FROM x\n", "Dockerfile", Format.CODE, id="code without extension"),
        pytest.param(b"MZ is the beginning of a word\n", "a.txt", Format.TEXT, id="text like exe"),
        pytest.param(b"BMW builds cars\n", "a.txt", Format.TEXT, id="text like a bitmap"),
        pytest.param(
            b"From: a@b.c\nTo: d@e.f\nSubject: x\n\nhello\n", "m", Format.EMAIL, id="mail"
        ),
        pytest.param("안녕 하세요\n".encode("utf-16-le"), "a.txt", Format.TEXT, id="utf-16"),
        pytest.param(b"{\\rtf1 hello}", "a.doc", Format.RTF, id="rtf called doc"),
    ],
)
def test_content_then_name_decide(tmp_path: Path, data: bytes, name: str, expected: Format) -> None:
    assert detect(written(tmp_path, data), name) == expected


def test_the_declared_type_decides_when_nothing_else_does(tmp_path: Path) -> None:
    assert detect(written(tmp_path, b"a;b\n1;2\n"), "export", "text/csv; x=y") == Format.CSV


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"[Content_Types].xml": "", "word/document.xml": ""}, Format.DOCX),
        ({"[Content_Types].xml": "", "xl/workbook.xml": ""}, Format.XLSX),
        ({"[Content_Types].xml": "", "ppt/presentation.xml": ""}, Format.PPTX),
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, Format.ODT),
        ({"mimetype": "application/epub+zip"}, Format.EPUB),
        ({"notes.txt": "x"}, Format.ZIP),
    ],
)
def test_a_zip_container_is_told_by_what_it_holds(
    tmp_path: Path, members: dict[str, str], expected: Format
) -> None:
    assert detect(zipped(tmp_path, **members), "upload.zip") == expected


@pytest.mark.parametrize(
    ("data", "code", "way_out"),
    [
        pytest.param(b"", "empty", "upload it again", id="no bytes"),
        pytest.param(b" \r\n\0", "empty", "upload it again", id="only blanks"),
        pytest.param(
            OLE + "EncryptedPackage".encode("utf-16-le"),
            "password_protected",
            "remove the password",
            id="encrypted office",
        ),
        pytest.param(
            OLE + "WordDocument\0".encode("utf-16-le"), "unsupported", ".docx or PDF", id="doc"
        ),
        pytest.param(
            OLE + "FileHeader\0".encode("utf-16-le"), "unsupported", ".docx or PDF", id="hwp"
        ),
        pytest.param(b"MZ\x90\0\3\0\0\0", "unsupported", "upload documents", id="program"),
        pytest.param(b"\0\0\0\x18ftypheic\0\0", "unsupported", "JPEG or PNG", id="heic"),
        pytest.param(b"\0\0\0\x18ftypmp42\0\0", "unsupported", "transcript", id="video"),
        pytest.param(bytes(range(256)) * 4, "unsupported", "PDF", id="unknown binary"),
        pytest.param(b"PK\x03\x04 cut off", "damaged", "save it again", id="cut off zip"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_way_out(
    tmp_path: Path, data: bytes, code: str, way_out: str
) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        detect(written(tmp_path, data), "upload")

    assert caught.value.code == code
    assert way_out in caught.value.detail


def test_every_format_has_a_reader() -> None:
    from importlib import import_module

    from functions.parse.detect import _READERS

    assert set(_READERS) == set(Format)
    for module in _READERS.values():
        assert callable(import_module(f"functions.parse.readers.{module}").read)


def test_a_library_failing_on_broken_input_is_damage_and_not_a_bug(tmp_path: Path) -> None:
    path = zipped(tmp_path, **{"[Content_Types].xml": "<a", "ppt/presentation.xml": "<b"})
    _, read = reader_for(path, "slides.pptx")

    with pytest.raises(UnreadableDocument) as caught:
        list(read(path, first_page=1, last_page=None))

    assert caught.value.code == "damaged"


def test_a_file_without_any_text_is_said_to_have_none(tmp_path: Path) -> None:
    path = written(tmp_path, b"<html><script>1</script></html>")
    _, read = reader_for(path, "page.html")

    with pytest.raises(UnreadableDocument) as caught:
        list(read(path, first_page=1, last_page=None))

    assert caught.value.code == "no_text"


def test_only_archives_and_mail_have_members(tmp_path: Path) -> None:
    assert members_reader_for(written(tmp_path, b"words"), "a.txt") is None
    assert members_reader_for(zipped(tmp_path, **{"a.txt": "x"}), "a.zip") is not None
