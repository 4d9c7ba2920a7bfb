"""Dead letters: events a broker gave up on, kept in the store until a person decides.

Keeping a letter needs the store and nothing else, because whatever else is down may be why there
is a letter. A claim per event and error holds the second at which it was first kept, so that the
same failure delivered twice is one object.
"""

import base64
import contextlib
import hashlib
import json
import re
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from urllib.parse import urlsplit

from lectern.api import DeadLetter
from lectern.errors import NotFound, SourceGone
from lectern.events import ERROR_EXTENSIONS, Envelope
from lectern.objects import ObjectStore

_PREFIX = "dead-letters/"
_CLAIMS = "claims/dead-letters/"
_LETTER_ID = re.compile(r"[0-9]{8}T[0-9]{6}\.[0-9]{6}Z-[0-9a-f]{16}")
_FIELD = re.compile(r'"(code|detail)":\s*"((?:[^"\\]|\\.)*)')
_TIME = "%Y%m%dT%H%M%S.%fZ"
_READERS = 8
_OF_THE_ROUTE = frozenset({"knativebrokerttl", "knativearrivaltime"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an event could not be delivered."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class LetterBox:
    """The dead letters in a store."""

    store: ObjectStore

    def keep(self, envelope: Envelope) -> str:
        """Store the event with its error; return the letter's id. Safe to repeat."""
        errors = (envelope.extensions.get(name, "") for name in sorted(ERROR_EXTENSIONS))
        error = "\0".join((envelope.event_id, envelope.source, *errors))
        digest = hashlib.sha256(error.encode(errors="surrogatepass")).hexdigest()[:16]
        claim_key = f"{_CLAIMS}{digest}"
        stored_at = datetime.now(UTC).strftime(_TIME)
        if not self.store.claim(claim_key, stored_at.encode()):
            stored_at = self.store.read(claim_key).decode()
        letter_id = f"{stored_at}-{digest}"
        self.store.write(_key(letter_id), _encoded(envelope), content_type="application/json")
        return letter_id

    def count(self) -> int:
        """Return how many letters there are."""
        return sum(1 for _ in self.store.list(_PREFIX))

    def newest(self, limit: int) -> Sequence[DeadLetter]:
        """Return the newest letters, newest first."""
        keys = (info.key for info in self.store.list(_PREFIX))
        letter_ids = [key.removeprefix(_PREFIX).removesuffix(".json") for key in keys]
        newest = deque(filter(_LETTER_ID.fullmatch, letter_ids), maxlen=limit)
        with ThreadPoolExecutor(_READERS) as readers:
            return list(chain.from_iterable(readers.map(self._described, reversed(newest))))

    def open(self, letter_id: str) -> Envelope:
        """Return the event of a letter, with its error.

        Raises:
            NotFound: There is no such letter.
        """
        if not _LETTER_ID.fullmatch(letter_id):
            raise NotFound(f"there is no dead letter {letter_id!r}")
        try:
            return _decoded(self.store.read(_key(letter_id)))
        except SourceGone as error:
            raise NotFound(f"there is no dead letter {letter_id!r}") from error

    def remove(self, letter_id: str) -> None:
        """Remove a letter; an unknown one is no error. The same failure makes a new one then."""
        if _LETTER_ID.fullmatch(letter_id):
            digest = letter_id.rpartition("-")[2]
            self.store.delete([_key(letter_id), f"{_CLAIMS}{digest}"])

    def _described(self, letter_id: str) -> Sequence[DeadLetter]:
        try:
            envelope = self.open(letter_id)
        except NotFound:  # removed meanwhile
            return ()
        problem = problem_of(envelope)
        return (
            DeadLetter(
                letter_id=letter_id,
                event_type=envelope.event_type,
                subject=envelope.subject,
                error_code=envelope.extensions.get("knativeerrorcode", ""),
                error_detail=problem.detail,
                destination=envelope.extensions.get("knativeerrordest", ""),
                stored_at=_stored_at(letter_id),
            ),
        )


def without_error(envelope: Envelope) -> Envelope:
    """Return the event as it was before the broker gave up on it."""
    extensions = {
        name: value
        for name, value in envelope.extensions.items()
        if name not in ERROR_EXTENSIONS | _OF_THE_ROUTE
    }
    return Envelope(
        event_id=envelope.event_id,
        event_type=envelope.event_type,
        source=envelope.source,
        subject=envelope.subject,
        data=envelope.data,
        extensions=extensions,
    )


def problem_of(envelope: Envelope) -> Problem:
    """Return what the broker says of the failed delivery, in words where the function gave some.

    `knativeerrordata` is the function's answer, as text or in base64, cut at 1,024 characters.
    """
    status = envelope.extensions.get("knativeerrorcode", "") or "no answer"
    answer = _answer_of(envelope.extensions.get("knativeerrordata", ""))
    return Problem(
        code=answer.get("code") or "undelivered",
        detail=answer.get("detail") or f"kept failing: {status}",
    )


def addressee_of(envelope: Envelope, function_url: str) -> str:
    """Return the function that the event could not be delivered to, or "unknown".

    Args:
        envelope: A dead letter.
        function_url: See `Settings.function_url`. A release of the chart has its own name before
            that of the function: `http://lectern-embed.ns.svc…/` leads to embed.
    """
    destination = envelope.extensions.get("knativeerrordest", "")
    ours = re.escape(function_url.rstrip("/")).replace(re.escape("{function}"), r"([a-z0-9-]+)")
    if found := re.fullmatch(f"{ours}/?", destination):
        return found[1]
    try:
        parts = urlsplit(destination)
        host = parts.hostname or ""
    except ValueError:
        return "unknown"
    return parts.path.strip("/").split("/")[0] or host.split(".")[0] or "unknown"


def _answer_of(data: str) -> dict[str, str]:
    """Return code and detail of a problem document, also of one whose end was cut off."""
    text = data
    with contextlib.suppress(ValueError):  # it is not base64
        text = base64.b64decode(data, validate=True).decode(errors="ignore")
    found = {}
    for name, value in _FIELD.findall(text):
        with contextlib.suppress(ValueError):  # cut off within an escape
            found[name] = json.loads(f'"{value}"')
    return found


def _encoded(envelope: Envelope) -> bytes:
    letter = {
        "id": envelope.event_id,
        "type": envelope.event_type,
        "source": envelope.source,
        "subject": envelope.subject,
        "extensions": dict(envelope.extensions),
        "data_base64": base64.b64encode(envelope.data).decode(),
    }
    return json.dumps(letter).encode()


def _decoded(data: bytes) -> Envelope:
    letter = json.loads(data)
    return Envelope(
        event_id=letter["id"],
        event_type=letter["type"],
        source=letter["source"],
        subject=letter["subject"],
        data=base64.b64decode(letter["data_base64"]),
        extensions=letter["extensions"],
    )


def _stored_at(letter_id: str) -> datetime:
    return datetime.strptime(letter_id.partition("-")[0], _TIME).replace(tzinfo=UTC)


def _key(letter_id: str) -> str:
    return f"{_PREFIX}{letter_id}.json"
