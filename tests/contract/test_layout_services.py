"""The promise of `LayoutService`, on every service, over loopback."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from functions.parse.services import calls
from functions.parse.services.azure import AzureDocumentIntelligence
from functions.parse.services.docling import DoclingServe
from functions.parse.services.port import LayoutService, OperationGone
from lectern.errors import LecternError, PermanentError, RateLimited, TooLarge, TransientError
from tests.component.pdf_files import plain, write_pdf
from tests.provider.layout_services import (
    KEY,
    LayoutServer,
    ScriptedAzure,
    ScriptedDocling,
    Trouble,
)


@dataclass(frozen=True)
class Both:
    """A service and the server it asks."""

    service: LayoutService
    server: LayoutServer
    pdf: Path
    folder: Path

    def submit(self, *, within_s: float = 10) -> str:
        return self.service.submit(self.pdf, until=time.monotonic() + within_s)

    def fetch(self, operation: str, *, within_s: float = 10) -> bytes:
        into = self.folder / "reply.json"
        self.service.fetch(operation, into, until=time.monotonic() + within_s)
        return into.read_bytes()

    def ask(self) -> bytes:
        return self.fetch(self.submit())


@pytest.fixture(params=["docling", "azure"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Both]:
    pdf = write_pdf(tmp_path / "sent.pdf", plain("The pump starts at nine bar."))
    server: LayoutServer = ScriptedDocling() if request.param == "docling" else ScriptedAzure()
    service: LayoutService
    with ExitStack() as stack:
        stack.enter_context(server.running())
        if request.param == "docling":
            service = DoclingServe(server.url + "/", KEY, timeout_s=10)
        else:
            service = AzureDocumentIntelligence(server.url + "/", KEY, timeout_s=10)
        yield Both(service, server, pdf, tmp_path)


def test_the_reply_is_what_the_service_says_of_the_file_it_was_sent(both: Both) -> None:
    reply = both.ask()

    assert both.server.sent == [both.pdf.read_bytes()]
    assert reply == both.server.read(both.pdf.read_bytes())
    assert b"The pump starts at nine bar." in reply


def test_the_key_goes_with_every_request_and_is_no_part_of_an_operation(both: Both) -> None:
    operation = both.submit()
    both.fetch(operation)

    keys = [each.headers.get("X-Api-Key") or each.headers.get("Ocp-Apim-Subscription-Key")
            for each in both.server.exchanges]  # fmt: skip
    assert len(keys) >= 2
    assert set(keys) == {KEY}
    assert KEY not in operation
    assert not any(KEY in each.path for each in both.server.exchanges)


def test_an_answer_that_takes_a_while_is_waited_for(both: Both) -> None:
    both.server.trouble.polls = 1

    assert b"nine bar" in both.ask()
    assert len(both.server.sent) == 1


def test_an_operation_can_be_fetched_by_another_process_later(both: Both) -> None:
    both.server.trouble.polls = 1
    operation = both.submit()

    with pytest.raises(TransientError) as caught:
        both.fetch(operation, within_s=0.3)

    assert caught.value.code == "parser_timeout"
    assert b"nine bar" in both.fetch(operation)
    assert len(both.server.sent) == 1


@pytest.mark.parametrize("when", ["submit", "fetch"])
@pytest.mark.parametrize(
    ("status", "headers", "kind", "code"),
    [
        pytest.param(429, {"Retry-After": "41"}, RateLimited, "parser_rate_limited", id="limited"),
        pytest.param(503, {}, TransientError, "parser_unavailable", id="overloaded"),
        pytest.param(401, {}, PermanentError, "parser_unauthorized", id="wrong key"),
        pytest.param(400, {}, PermanentError, "parser_refused", id="refused"),
    ],
)
def test_what_a_service_refuses_becomes_our_error(  # noqa: PLR0917
    both: Both, when: str, status: int, headers: dict[str, str], kind: type, code: str
) -> None:
    setattr(both.server.trouble, when, (status, headers))

    with pytest.raises(kind) as caught:
        both.ask()

    error = caught.value
    assert isinstance(error, LecternError)
    assert error.code == code
    assert KEY not in error.detail
    if isinstance(error, RateLimited):
        assert error.retry_after_s == 41


def test_a_redirect_to_another_server_is_not_followed(both: Both) -> None:
    elsewhere = ScriptedDocling()
    with elsewhere.running():
        for when in ("submit", "fetch"):
            both.server.trouble = Trouble()
            setattr(both.server.trouble, when, (307, {"Location": elsewhere.url}))
            with pytest.raises(PermanentError) as caught:
                both.ask()
            assert caught.value.code == "parser_redirected"

    assert elsewhere.exchanges == []


@pytest.mark.parametrize("reply", [b"<html>Sign in</html>", b"", b"[1, 2", b'{"status": 7}'])
def test_a_status_that_is_none_is_said_to_be_the_address(both: Both, reply: bytes) -> None:
    if isinstance(both.server, ScriptedDocling):
        both.server.trouble.submit = (200, {})  # a body that is no task
    else:
        both.server.trouble.reply = reply

    with pytest.raises(PermanentError) as caught:
        both.ask()

    assert caught.value.code == "parser_malformed"
    assert "_URL" in caught.value.detail


def test_a_failed_task_says_why_in_one_bounded_line(both: Both) -> None:
    words = "The file is corrupt.\n\x1b[31m" + "x" * 2000
    azure = {
        "code": "InvalidRequest",
        "message": "Invalid.",
        "innererror": {"code": "InvalidContent", "message": words},
    }
    both.server.trouble.failure = words if isinstance(both.server, ScriptedDocling) else azure

    with pytest.raises(PermanentError) as caught:
        both.ask()

    detail = caught.value.detail
    assert caught.value.code == "parser_refused"
    assert "The file is corrupt. [31m" in detail
    assert "another parser" in detail
    assert len(detail) < 700


def test_an_operation_that_is_unknown_is_told_apart(both: Both) -> None:
    both.server.trouble.forgets = 1

    with pytest.raises(OperationGone):
        both.ask()


def test_a_huge_reply_is_cut_off(both: Both) -> None:
    both.server.trouble.reply = b'{"status": "succeeded", "x": "' + b"x" * calls.MAX_REPLY_BYTES

    with pytest.raises(TooLarge) as caught:
        both.ask()

    assert caught.value.code == "parser_reply_too_large"
    assert (both.folder / "reply.json").stat().st_size <= calls.MAX_REPLY_BYTES


def test_a_server_that_is_not_there_is_asked_again_later(tmp_path: Path) -> None:
    pdf = write_pdf(tmp_path / "a.pdf", plain("Words."))
    server = ScriptedDocling()
    with server.running():
        url = server.url
    service = DoclingServe(url, KEY, timeout_s=5)

    with pytest.raises(TransientError) as caught:
        service.submit(pdf, until=time.monotonic() + 5)

    assert caught.value.code == "parser_unreachable"
    assert "LECTERN_DOCLING_URL" in caught.value.detail


def test_azures_answer_is_not_fetched_from_another_server(tmp_path: Path) -> None:
    pdf = write_pdf(tmp_path / "a.pdf", plain("Words."))
    server, other = ScriptedAzure(), ScriptedAzure()
    with server.running(), other.running():
        service = AzureDocumentIntelligence(server.url, KEY, timeout_s=5)
        server.trouble.location = other.url
        with pytest.raises(PermanentError) as caught:
            service.submit(pdf, until=time.monotonic() + 5)
        with pytest.raises(PermanentError):
            service.fetch(f"{other.url}/x/1", tmp_path / "r", until=time.monotonic() + 5)

    assert caught.value.code == "parser_malformed"
    assert other.exchanges == []


def test_a_failure_of_azure_itself_is_another_analysis_and_no_refusal(tmp_path: Path) -> None:
    pdf = write_pdf(tmp_path / "a.pdf", plain("Words."))
    server = ScriptedAzure()
    server.trouble.failure = {"code": "InternalServerError", "message": "An error occurred."}
    with server.running():
        service = AzureDocumentIntelligence(server.url, KEY, timeout_s=5)
        operation = service.submit(pdf, until=time.monotonic() + 5)
        with pytest.raises(OperationGone):
            service.fetch(operation, tmp_path / "r", until=time.monotonic() + 5)
