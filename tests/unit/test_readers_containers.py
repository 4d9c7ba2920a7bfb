"""E-mail and zip batches: what they say themselves, and the files they bring along."""

import stat
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from functions.parse.detect import members_reader_for, reader_for
from functions.parse.readers import batch
from functions.parse.readers.member_names import member_path
from lectern.errors import TooLarge, UnreadableDocument


def members(path: Path, folder: Path) -> dict[str, bytes | str]:
    read_members = members_reader_for(path, path.name)
    assert read_members is not None
    return {
        member.path: member.problem or member.file.read_bytes()
        for member in read_members(path, folder)
    }


def zipped(folder: Path, content: dict[str, bytes]) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "members"
    folder.mkdir()
    return folder


def test_a_message_gives_subject_headers_and_body(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "회의 안내"
    message["From"] = "김 <kim@example.com>"
    message["To"] = "lee@example.com"
    message["Date"] = "Mon, 02 Nov 2026 10:00:00 +0900"
    message.set_content("안녕하세요.\n\n내일 뵙겠습니다.", charset="euc-kr")
    message.add_alternative("<p>other</p>", subtype="html")
    path = tmp_path / "a.eml"
    path.write_bytes(message.as_bytes())
    _, read = reader_for(path, path.name)

    (page,) = read(path, first_page=1, last_page=None)

    assert [block.text for block in page.blocks] == [
        "회의 안내",
        "From: 김 <kim@example.com>\nTo: lee@example.com\nDate: Mon, 02 Nov 2026 10:00:00 +0900",
        "안녕하세요.",
        "내일 뵙겠습니다.",
    ]


def test_an_html_body_is_read_when_there_is_no_plain_one(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content("<p>Hello <b>you</b></p><script>evil()</script>", subtype="html")
    path = tmp_path / "a.eml"
    path.write_bytes(message.as_bytes())
    _, read = reader_for(path, path.name)

    (page,) = read(path, first_page=1, last_page=None)

    assert [block.text for block in page.blocks] == ["x", "Hello you"]


@pytest.mark.parametrize(
    "plain",
    [
        pytest.param("\n", id="blank"),
        pytest.param("Please view this e-mail in a browser.", id="stub"),
    ],
)
def test_an_html_body_is_read_when_the_plain_one_says_nothing(tmp_path: Path, plain: str) -> None:
    message = EmailMessage()
    message["Subject"] = "Rechnung"
    message.set_content(plain)
    rows = "".join(f"<tr><td>Item {n}</td><td>{n}.00 euro</td></tr>" for n in range(20))
    message.add_alternative(f"<p>The total is 4711 euro.</p><table>{rows}</table>", subtype="html")
    path = tmp_path / "a.eml"
    path.write_bytes(message.as_bytes())
    _, read = reader_for(path, path.name)

    (page,) = read(path, first_page=1, last_page=None)

    assert [block.kind for block in page.blocks] == ["heading", "text", "table"]
    assert page.blocks[1].text == "The total is 4711 euro."


@pytest.mark.parametrize("levels", [60, 2000])
def test_a_message_nested_too_deeply_is_refused_with_a_reason(
    tmp_path: Path, target: Path, levels: int
) -> None:
    path = tmp_path / "a.eml"
    path.write_text(
        "From: a@example.com\nMIME-Version: 1.0\n"
        + "".join(
            f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(levels)
        )
        + "Content-Type: text/plain\n\nwords\n"
    )
    _, read = reader_for(path, path.name)

    with pytest.raises(TooLarge, match="nests deeper"):
        list(read(path, first_page=1, last_page=None))
    with pytest.raises(TooLarge, match="nests deeper"):
        members(path, target)


def test_attachments_are_members_under_safe_names(tmp_path: Path, target: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content("see attachment")
    message.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="../../예산.csv")
    path = tmp_path / "a.eml"
    path.write_bytes(message.as_bytes())

    assert members(path, target) == {"예산.csv": b"a,b\n1,2\n"}


def test_an_archive_gives_its_files_and_leaves_out_litter(tmp_path: Path, target: Path) -> None:
    path = zipped(
        tmp_path,
        {"a/b.txt": b"words", "__MACOSX/a": b"x", ".hidden": b"x", "c/.DS_Store": b"x", "d/": b""},
    )

    assert members(path, target) == {"a/b.txt": b"words"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\Windows\\x.txt", "Windows/x.txt"),
        ("a/./b\x00c.txt", "a/bc.txt"),
        ("..", "unnamed"),
    ],
)
def test_names_in_an_archive_never_leave_it(name: str, shown: str) -> None:
    assert member_path(name) == shown


def test_members_are_written_under_numbers_within_the_folder(tmp_path: Path, target: Path) -> None:
    path = zipped(tmp_path, {"../evil.txt": b"words", "/root.txt": b"words"})

    assert members(path, target) == {"evil.txt": b"words", "root.txt": b"words"}
    assert sorted(file.name for file in target.iterdir()) == ["member-00001", "member-00002"]
    assert not (tmp_path / "evil.txt").exists()


def test_two_members_of_one_name_stay_two(tmp_path: Path, target: Path) -> None:
    path = zipped(tmp_path, {"a.txt": b"one", "./a.txt": b"two", "b/a.txt": b"three"})

    assert members(path, target) == {"a.txt": b"one", "a (2).txt": b"two", "b/a.txt": b"three"}


def test_links_in_an_archive_are_not_followed(tmp_path: Path, target: Path) -> None:
    path = tmp_path / "a.zip"
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.txt", "words")

    assert members(path, target) == {"a.txt": b"words"}


@pytest.mark.parametrize("encoding", ["cp949", "shift_jis", "utf-8"])
def test_names_written_in_a_local_code_page_are_understood(
    tmp_path: Path, target: Path, encoding: str
) -> None:
    name = "こんにちは.txt" if encoding == "shift_jis" else "보고서.txt"
    path = zipped(tmp_path, {"A" * len(name.encode(encoding)): b"words"})
    path.write_bytes(
        path.read_bytes().replace(b"A" * len(name.encode(encoding)), name.encode(encoding))
    )

    assert members(path, target) == {name: b"words"}


def test_one_bad_member_does_not_spoil_the_rest(tmp_path: Path, target: Path) -> None:
    inner = zipped(tmp_path, {"x.txt": b"x"}).read_bytes()
    path = zipped(
        tmp_path, {"good.txt": b"words", "inner.zip": inner, "bomb.txt": b"\0" * (1 << 26)}
    )

    found = members(path, target)

    assert found["good.txt"] == b"words"
    assert "archive within the archive" in str(found["inner.zip"])
    assert "times its size" in str(found["bomb.txt"])


def test_a_document_in_a_container_of_its_own_is_no_nested_archive(
    tmp_path: Path, target: Path
) -> None:
    inner = zipped(tmp_path, {"[Content_Types].xml": b"", "word/document.xml": b""}).read_bytes()
    path = zipped(tmp_path, {"letter.docx": inner})

    assert members(path, target) == {"letter.docx": inner}


def test_archives_beyond_the_limits_are_refused(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path, {"a.txt": b"words", "b.txt": b"words"})

    monkeypatch.setattr(batch, "MAX_TOTAL_BYTES", 9)
    with pytest.raises(TooLarge):
        members(path, target)
    monkeypatch.setattr(batch, "MAX_MEMBERS", 1)
    with pytest.raises(TooLarge):
        members(path, target)


def test_an_archive_that_lies_about_sizes_is_stopped_while_unpacking(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path, {"a.txt": b"words" * 1000})
    honest = zipfile.ZipFile(path).getinfo("a.txt").file_size.to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(honest, (5).to_bytes(4, "little")))
    monkeypatch.setattr(batch, "MAX_TOTAL_BYTES", 100)

    found = members(path, target)

    assert len(str(found["a.txt"])) < 200


def test_an_archive_without_files_is_empty(tmp_path: Path, target: Path) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        members(zipped(tmp_path, {"folder/": b""}), target)

    assert caught.value.code == "empty"


def test_an_encrypted_archive_is_refused(tmp_path: Path, target: Path) -> None:
    path = zipped(tmp_path, {"a.txt": b"words"})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + offset] |= 1
    path.write_bytes(bytes(data))

    with pytest.raises(UnreadableDocument) as caught:
        members(path, target)

    assert caught.value.code == "password_protected"
