"""The whole story: add documents, ask, and get a citation that names the right page."""

import json
from pathlib import Path

import httpx
import pymupdf
import pytest

from lectern.local.home import Home
from tests.e2e.lectern_up import LecternUp

PAGES = [
    "Opening hours. The library in Gamle Brygge opens at eight in the morning on weekdays.",
    "Lending. A borrowed telescope must be returned to the observatory within nineteen days.",
    "Fines. A late book costs two kroner for every started week.",
]
MARKDOWN = """# 휴가 규정

## 연차

신입 사원은 입사 첫해에 연차 휴가를 열한 일 받는다.
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    pdf = pymupdf.open()
    for text in PAGES:
        page = pdf.new_page()
        page.insert_textbox(pymupdf.Rect(72, 72, 500, 700), text, fontsize=12)
    pdf.save(folder / "library.pdf")
    pdf.close()
    (folder / "휴가.md").write_text(MARKDOWN, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def ingested(up: LecternUp, folder: Path) -> LecternUp:
    report = up.command("ingest", str(folder), "--collection", "Story", "--wait")
    assert {document["state"] for document in report["documents"]} == {"ready"}, report
    return up


def test_an_answer_cites_the_page_it_rests_on(ingested: LecternUp) -> None:
    question = "Within how many days must a telescope be returned?"

    reply = ingested.command("ask", question, "--collection", "story")

    assert reply["found"]
    citation = reply["citations"][0]
    assert (citation["document_name"], citation["page_number"]) == ("library.pdf", 2)
    assert "nineteen days" in citation["quote"]
    assert citation["boxes"]


def test_a_korean_question_finds_the_korean_document(ingested: LecternUp) -> None:
    reply = ingested.command("search", "신입 사원 연차 휴가는 며칠?", "--collection", "story")

    assert reply["passages"][0]["document_name"] == "휴가.md"


def test_ask_prints_the_answer_and_where_it_stands(ingested: LecternUp) -> None:
    shown = ingested.run("ask", "When does the library open?", "--collection", "story")

    assert shown.returncode == 0, shown.stderr
    assert "eight in the morning" in shown.stdout
    assert "[1] library.pdf, page 1" in shown.stdout


def test_the_same_files_again_bring_nothing_new(ingested: LecternUp, folder: Path) -> None:
    report = ingested.command("ingest", str(folder), "--collection", "Story", "--wait")

    assert all(document["duplicate"] for document in report["documents"])


def test_a_file_dropped_into_the_inbox_can_be_found(up: LecternUp) -> None:
    inbox = Path(up.running.inbox) / "drop"
    inbox.mkdir(parents=True)
    (inbox / "note.txt").write_text("The spare key hangs behind the blue barometer.")

    def ready() -> bool:
        documents = up.command("documents", "list", "--collection", "drop")["documents"]
        return [document["state"] for document in documents] == ["ready"]

    assert up.eventually(ready)
    found = up.command("search", "Where is the spare key?", "--collection", "drop")
    assert "barometer" in found["passages"][0]["text"]


def test_a_document_that_cannot_be_read_says_why_and_fails_the_command(
    up: LecternUp, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nthis is no PDF")

    report = up.command("ingest", str(broken), "--collection", "Broken", "--wait", exit_code=1)

    (document,) = report["documents"]
    assert document["state"] == "failed"
    assert document["reason"]


def test_status_names_the_processes_and_the_documents(ingested: LecternUp) -> None:
    status = ingested.command("status")

    assert status["running"]
    assert {"lectern", "front"} <= {process["name"] for process in status["processes"]}
    story = next(each for each in status["collections"] if each["name"] == "Story")
    assert story["documents"] == {"ready": 2}


def test_a_second_one_on_the_same_home_says_who_has_it(up: LecternUp) -> None:
    second = up.run("up", "--port", "0")

    assert second.returncode == 1
    assert up.running.address in second.stderr


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("/catalog/v1/me", {}, 401, id="no token"),
        pytest.param("/catalog/v1/me", {"Host": "evil.example"}, 403, id="DNS rebinding"),
        pytest.param("/embed/", {}, 404, id="events from outside"),
        pytest.param("/nothing/", {}, 404, id="no such function"),
    ],
)
def test_the_front_lets_in_only_who_may(
    up: LecternUp, path: str, headers: dict[str, str], status: int
) -> None:
    answer = httpx.get(up.running.address + path, headers=headers)

    assert answer.status_code == status
    assert answer.json()["code"]


def test_nobody_gets_past_the_internal_listener_without_its_secret(up: LecternUp) -> None:
    base, _, secret = up.running.internal_url.rpartition("/")

    answer = httpx.get(f"{base}/{'x' * len(secret)}/processes")

    assert answer.status_code == 404


def test_the_owners_secrets_are_for_the_owner_only(up: LecternUp) -> None:
    files = [up.home / "owner-token", up.home / "server.json"]

    assert [file.stat().st_mode & 0o077 for file in files] == [0, 0]
    assert Home(up.home).owner_token() not in up.terminal.read_text()


def test_the_logs_are_json_lines(ingested: LecternUp) -> None:
    log = ingested.home / "logs" / "front.log"

    lines = log.read_text(encoding="utf-8").splitlines()

    assert lines
    assert all(isinstance(json.loads(line), dict) for line in lines)
