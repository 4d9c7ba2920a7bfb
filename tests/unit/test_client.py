"""The client against a function made for it: what goes over the wire, and what errors become."""

import io
import json
from collections.abc import Callable

import httpx
import pytest
from flask import Flask, Response, request

from lectern.api import AnswerRequest, DocumentQuery
from lectern.client import Lectern
from lectern.errors import (
    Busy,
    InvalidEvent,
    InvalidRequest,
    LecternError,
    NotFound,
    PermanentError,
    RateLimited,
    TransientError,
    UnreadableDocument,
    problem,
)

DOCUMENT = {
    "document_id": "d1",
    "collection_id": "c1",
    "name": "a.txt",
    "revision": 1,
    "state": "uploaded",
    "content_type": "text/plain",
    "size_bytes": 3,
    "sha256": "",
    "pages": 0,
    "chunks": 0,
    "parts": 0,
    "parts_done": 0,
    "tags": [],
    "metadata": {},
    "parent_id": "",
    "created_at": "2026-01-01T00:00:00Z",
    "moved_at": "2026-01-01T00:00:00Z",
}


def client_of(view: Callable[[], Response]) -> Lectern:
    app = Flask("stand-in")
    methods = ["GET", "POST", "PUT", "DELETE"]
    app.add_url_rule("/<path:path>", "all", lambda path: view(), methods=methods)
    return Lectern("http://{function}", "secret", transport=httpx.WSGITransport(app))


def problem_view(error: LecternError) -> Callable[[], Response]:
    return lambda: Response(
        json.dumps(dict(problem(error))),
        status=error.status,
        content_type="application/problem+json",
        headers={"Retry-After": "7"},
    )


@pytest.mark.parametrize(
    "error",
    [
        InvalidRequest("page 0 does not exist"),
        InvalidEvent("no event"),
        NotFound("there is no document 'x'"),
        Busy("somebody is on it"),
        RateLimited("slow down"),
        UnreadableDocument("encrypted", code="unreadable"),
        PermanentError("no", code="other"),
        TransientError("later", code="no_broker"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_a_function_comes_back_as_its_class(error: LecternError) -> None:
    client = client_of(problem_view(error))

    with pytest.raises(LecternError) as caught:
        client.me()

    assert type(caught.value) is type(error)
    assert (caught.value.code, caught.value.detail) == (error.code, error.detail)


def test_retry_after_is_kept() -> None:
    client = client_of(problem_view(TransientError("later")))

    with pytest.raises(TransientError) as caught:
        client.me()

    assert caught.value.retry_after_s == 7


def test_an_error_that_is_no_problem_json_names_the_status() -> None:
    client = client_of(lambda: Response("<html>bad gateway</html>", status=502))

    with pytest.raises(TransientError, match="502"):
        client.me()


def test_a_server_that_is_not_there_is_a_transient_error() -> None:
    client = Lectern("http://127.0.0.1:1/{function}", "secret")

    with pytest.raises(TransientError) as caught:
        client.me()

    assert caught.value.code == "unreachable"


def test_a_reply_of_another_version_is_an_error_and_no_guess() -> None:
    client = client_of(lambda: Response('{"shape": "unknown"}'))

    with pytest.raises(LecternError) as caught:
        client.me()

    assert caught.value.code == "unexpected_reply"


def test_the_token_goes_with_every_call() -> None:
    seen: list[str] = []

    def view() -> Response:
        seen.append(request.headers["Authorization"])
        return Response('{"user_id": "u", "name": "n", "is_admin": true}')

    client_of(view).me()

    assert seen == ["Bearer secret"]


def test_an_upload_carries_file_name_tags_and_metadata_and_reports_progress() -> None:
    sent: list[int] = []

    def view() -> Response:
        file = request.files["file"]
        assert file.filename == "보고서.txt"
        assert file.read() == b"abc"
        assert request.form.getlist("tags") == ["a", "b"]
        assert json.loads(request.form["metadata"]) == {"year": "2026"}
        return Response(json.dumps(DOCUMENT))

    document = client_of(view).documents.upload(
        "handbook",
        io.BytesIO(b"abc"),
        name="보고서.txt",
        tags=["a", "b"],
        metadata={"year": "2026"},
        on_progress=sent.append,
    )

    assert document.document_id == "d1"
    assert sent[-1] == 3


def test_all_documents_are_listed_page_by_page() -> None:
    def view() -> Response:
        second = request.args.get("cursor") == "next"
        assert request.args.getlist("state") == ["ready"]
        document = DOCUMENT | {"document_id": "d2" if second else "d1"}
        return Response(json.dumps({"documents": [document], "cursor": "" if second else "next"}))

    found = client_of(view).documents.all("handbook", DocumentQuery(state=["ready"]))

    assert [document.document_id for document in found] == ["d1", "d2"]


def stream_client(body: bytes) -> Lectern:
    pieces = [body[start : start + 5] for start in range(0, len(body), 5)]
    return client_of(lambda: Response(iter(pieces), content_type="text/event-stream"))


def test_an_answer_is_read_event_by_event_whatever_the_pieces_it_comes_in() -> None:
    body = (
        ': ping\n\nevent: token\ndata: {"text": "한글\u2028x"}\n\n'
        'event: done\r\ndata: {"answer": "한글"}\r\n\r\n'
    )

    events = list(stream_client(body.encode()).answer(AnswerRequest(question="?")))

    assert [(event.event, event.data) for event in events] == [
        ("token", {"text": "한글\u2028x"}),
        ("done", {"answer": "한글"}),
    ]


def test_an_answer_that_was_cut_off_is_a_failure() -> None:
    client = stream_client(b'event: token\ndata: {"text": "a"}\n\nrequest timeout')

    with pytest.raises(TransientError) as caught:
        list(client.answer(AnswerRequest(question="?")))

    assert caught.value.code == "stream_broken"


def test_an_error_event_ends_the_answer_without_breaking_it() -> None:
    client = stream_client(b'event: error\ndata: {"code": "busy"}\n\n')

    events = list(client.answer(AnswerRequest(question="?")))

    assert [event.event for event in events] == ["error"]


def test_a_function_that_has_its_hands_full_is_asked_again() -> None:
    refusals = [TransientError("hands full", code="busy", retry_after_s=1)]

    def view() -> Response:
        if refusals:
            return problem_view(refusals.pop())()
        return Response(json.dumps(DOCUMENT))

    assert client_of(view).documents.get("d1").document_id == "d1"
    assert not refusals
