"""The words of the sample documents."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it; `extra` is drawn below the paragraphs."""

    title: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...] = ()
    level: int = 1
    extra: Literal["", "table", "figure"] = ""


LIMITS = (
    ("What", "Limit", "Beyond it"),
    ("Size of one file", "1 GiB", "refused with 413, nothing is stored"),
    ("Reading one part", "120 CPU seconds", "the document fails with parse_timeout"),
    ("Memory of one part", "2 GiB", "the document fails with parse_memory"),
    ("Files in a zip archive", "2,000", "the archive is refused"),
    ("Pages of one part", "48", "the document is read in several parts"),
)

ROLES = (
    ("역할", "읽고 질문하기", "문서 등록과 삭제", "참여자 정하기"),
    ("소유자", "가능", "가능", "가능"),
    ("편집자", "가능", "가능", "불가"),
    ("열람자", "가능", "불가", "불가"),
)

ENGLISH = (
    Section(
        "The Lectern handbook",
        (
            "Lectern answers questions about your documents. Every answer carries numbered "
            "citations, and every citation opens the page it came from with the lines marked.",
            "This handbook is a sample. It is loaded the first time Lectern starts, so that your "
            "first question has something to find. Delete the collection named Handbook when you "
            "no longer need it; it does not come back.",
            "Ask it about the limits of a file, about scanned pages, or about who may read a "
            "document, in English or in Korean.",
        ),
    ),
    Section(
        "Adding documents",
        (
            "There are three ways to add documents. Run <b>lectern ingest</b> with files or folders, "
            "copy files into the inbox folder, or send them to the HTTP interface. Each folder "
            "inside the inbox is a collection of that name.",
            "Lectern reads PDF, Word, PowerPoint and Excel files, OpenDocument, web pages, "
            "Markdown, plain text in any encoding, CSV, EPUB, e-mail, and images. A zip archive "
            "is opened, and each file inside becomes a document of its own.",
            "Adding a file again changes nothing when its bytes are the same. When they differ, "
            "the document gets a new revision, and the old one stays searchable until the new one "
            "is ready.",
            "A scanned page has no text of its own. It is read by optical character recognition "
            "when Tesseract is installed; without it, the document fails with the code needs_ocr "
            "and names the package to install.",
        ),
        level=2,
    ),
    Section(
        "From upload to answer",
        (
            "A document passes through small functions, each of which runs only while it has "
            "work: parse reads the pages and cuts them into chunks, embed turns the chunks into "
            "vectors, and the index makes them searchable by meaning and by word.",
            "A large document is read in parts, so that its first pages can be searched before "
            "its last pages are read. If a machine stops in the middle, the sweeper finds the "
            "document and continues where it was.",
        ),
        level=2,
        extra="figure",
    ),
    Section(
        "Limits",
        (
            "Limits protect everyone who shares an installation from a single hostile or broken "
            "file. An operator can change each of them with a setting; the table gives the "
            "defaults.",
        ),
        level=2,
        extra="table",
    ),
    Section(
        "Privacy and rights",
        (
            "Only people with a role in a collection can read its documents. A viewer reads and "
            "asks, an editor also adds and deletes, and the owner decides who is in. For everyone "
            "else the collection does not exist: not even its name is shown.",
            "On one machine nothing leaves the machine. The embedding model runs locally, and "
            "answers are made of sentences quoted from your documents unless you connect a chat "
            "model. Deleting a document removes its file, its chunks and every row of it from the "
            "index.",
            "The owner's token lies in the file owner-token in the data folder, readable by the "
            "owner alone.",
        ),
        level=2,
    ),
)

KOREAN = (
    Section(
        "Lectern 안내서",
        (
            "Lectern은 여러분의 문서에 대한 질문에 답합니다. 모든 답변에는 번호가 붙은 출처가 있고, "
            "출처를 누르면 근거가 된 쪽이 열리며 해당 줄이 강조됩니다.",
            "이 문서는 견본입니다. 처음 시작할 때 자동으로 등록되며, 필요 없으면 Handbook 모음을 지우면 됩니다.",
        ),
    ),
    Section(
        "문서 등록",
        ("문서를 등록하는 방법은 세 가지입니다.",),
        (
            "터미널에서 lectern ingest 명령에 파일이나 폴더를 적습니다.",
            "HTTP 인터페이스로 파일을 보냅니다.",
            "inbox 폴더에 파일을 복사합니다. inbox 안의 폴더 이름이 모음의 이름이 됩니다.",
        ),
        level=2,
    ),
    Section(
        "개정과 중복",
        (
            "같은 내용의 파일을 다시 등록하면 아무것도 바뀌지 않습니다. 내용이 다르면 새 개정판이 만들어지고, "
            "새 개정판이 준비될 때까지 이전 개정판으로 검색할 수 있습니다.",
        ),
        level=2,
    ),
    Section(
        "권한",
        (
            "모음에는 소유자, 편집자, 열람자의 세 가지 역할이 있습니다. 열람자는 읽고 질문할 수 있고, "
            "편집자는 문서를 등록하고 지울 수 있으며, 소유자는 누가 참여할지 정합니다. "
            "역할이 없는 사람에게는 모음의 이름조차 보이지 않습니다.",
        ),
        level=2,
        extra="table",
    ),
    Section(
        "문서 삭제",
        (
            "문서를 지우면 원본 파일, 나눈 조각, 색인의 모든 행이 함께 지워집니다. "
            "삭제는 되돌릴 수 없으므로 먼저 내려받아 두십시오.",
        ),
        level=2,
    ),
)

NOTES = """# Release notes of the sample collection

## 1.1, November 2026

- The handbook gained a page on privacy and rights.
- The Korean guide now explains revisions.

## 1.0, October 2026

- First version, with the table of limits.

| File | Language | Format |
| --- | --- | --- |
| lectern-handbook.pdf | English | PDF with a table and a figure |
| lectern-안내서.docx | Korean | Word with a table |
| release-notes.md | English | Markdown |

## Support

Lectern is open source under the AGPL-3.0. Questions and reports are welcome; a report with the
output of `lectern status --json` is answered fastest.
"""
