"""`helm test`: upload a document, wait for it, ask about it, check the citation, remove it again.

Speaks to the functions as any program does. With API_KEY it acts for the owner of that key.
Without it, it makes a user in the catalog's database whose key ends within the hour, and removes
both; what an interrupted test has left is removed by the next one.
"""
# ruff: noqa: INP001 -- a script that the chart carries, in no package

import io
import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NoReturn

from lectern.api import AnswerReply, AnswerRequest, DocumentReply
from lectern.client import Lectern
from lectern.client.connection import error_of_problem
from lectern.errors import InvalidRequest, LecternError, TransientError

if TYPE_CHECKING:
    from lectern.catalog.port import Catalog

TEMPORARY = "helm-test-"
CLEANING_S = 90.0
KEY_LIFE = timedelta(hours=1)


def main() -> None:
    """Run the test; what fails is the last line of the log."""
    signal.signal(signal.SIGTERM, _stop)  # so that a pod that is told to go cleans up
    try:
        with _token() as token, Lectern(os.environ["LECTERN_FUNCTION_URL"], token) as lectern:
            _try_out(lectern, float(os.environ["TIMEOUT_S"]))
    except LecternError as error:
        sys.exit(f"FAILED ({error.code}): {error.detail}")
    print("Lectern answers.")  # noqa: T201 - for whoever runs `helm test --logs`


def _await(lectern: Lectern, timeout_s: float) -> None:
    """Return once catalog answers, which may have to start first.

    Raises:
        TransientError: It did not in `timeout_s`.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            lectern.me()
        except TransientError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(2)
        else:
            return


def _try_out(lectern: Lectern, timeout_s: float) -> None:
    _await(lectern, timeout_s)
    year = str(1700 + secrets.randbelow(300))
    text = (
        f"The lighthouse of Harrow Point was rebuilt in {year}, after the great storm. "
        "Its keeper lived on the ground floor and kept a small garden behind the wall.\n"
    )
    collection = lectern.collections.create(f"{TEMPORARY}{secrets.token_hex(4)}")
    try:
        file = io.BytesIO(text.encode())
        uploaded = lectern.documents.upload(
            collection.collection_id, file, name="lighthouse.txt", allow_duplicate=True
        )
        _say("uploaded")
        ready = lectern.documents.wait(uploaded.document_id, timeout_s=timeout_s)
        if ready.state.value != "ready":
            _fail(f"the document ended as {ready.state.value!r}: {ready.failure}")
        _say("parsed, embedded, searchable")
        question = "When was the lighthouse of Harrow Point rebuilt?"
        request = AnswerRequest(question=question, collections=[collection.collection_id])
        _check(_answered(lectern, request), ready, year)
        _say("answered, with a citation of the document")
    finally:
        lectern.collections.delete(collection.collection_id, force=True)


def _answered(lectern: Lectern, request: AnswerRequest) -> AnswerReply:
    for event in lectern.answer(request):
        if event.event == "error":
            raise error_of_problem(event.data)
        if event.event == "done":
            return AnswerReply.model_validate(event.data)
    raise TransientError(
        "the answer was cut off; is a timeout on the way shorter than the answer?",
        code="stream_broken",
    )


def _check(reply: AnswerReply, document: DocumentReply, year: str) -> None:
    if year not in reply.answer:
        _fail(f"the answer does not say {year}: {reply.answer!r} {reply.warnings}")
    if document.document_id not in {citation.document_id for citation in reply.citations}:
        _fail("the answer does not cite the document")


@contextmanager
def _token() -> Iterator[str]:
    """Give an API key: the one that was given, or one of a user made for this test."""
    if given := os.environ.get("API_KEY", ""):
        yield given
        return
    from lectern.catalog import open_catalog
    from lectern.settings import Settings

    catalog = open_catalog(Settings())
    people = catalog.people
    for user in people.users():
        if user.name.startswith(TEMPORARY):
            _remove(catalog, user.user_id, patience_s=0)
    user = people.create_user(f"{TEMPORARY}{secrets.token_hex(4)}")
    try:
        _, secret = people.create_token(
            user.user_id,
            "helm test",
            expires_at=datetime.now(UTC) + KEY_LIFE,
            scopes=("read", "write"),
        )
        yield secret
    finally:
        _remove(catalog, user.user_id, patience_s=CLEANING_S)
        catalog.close()


def _remove(catalog: "Catalog", user_id: str, *, patience_s: float) -> None:
    """Take the user's keys, then the user, as soon as maintain has deleted what they owned."""
    for token in catalog.people.tokens(user_id):
        catalog.people.revoke_token(user_id, token.token_id)
    deadline = time.monotonic() + patience_s
    while True:
        try:
            catalog.accounts.delete(user_id)
        except InvalidRequest:  # they own something still
            if time.monotonic() >= deadline:
                catalog.accounts.change(user_id, disabled=True)
                _say("the test's user could not be removed yet; the next test does it")
                return
            time.sleep(1)
        else:
            return


def _say(what: str) -> None:
    print(what, flush=True)  # noqa: T201


def _fail(why: str) -> NoReturn:
    sys.exit(f"FAILED: {why}")


def _stop(*_: object) -> NoReturn:
    sys.exit("FAILED: stopped before the end")


if __name__ == "__main__":
    main()
