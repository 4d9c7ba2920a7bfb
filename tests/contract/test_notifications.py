"""Every dialect in which a store says that an object has arrived, as senders really write it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from functions.intake.keys import InboxKey, UploadKey, read_key
from functions.intake.notifications import UploadedObject, parse_notification
from functions.maintain.announcing import announcement
from lectern.errors import InvalidEvent
from lectern.objects import ObjectInfo

RECORDED = json.loads(Path(__file__).with_name("recorded_notifications.json").read_text())
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded["sender"])
def test_a_recorded_notification_names_its_objects(recorded: dict[str, Any]) -> None:
    objects = parse_notification(recorded["headers"], json.dumps(recorded["body"]).encode())

    assert objects == tuple(UploadedObject(**expected) for expected in recorded["objects"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b"{}",
        b'{"Records": "no list"}',
        b'{"Records": [1]}',
        b'{"Records": [{"eventName": "s3:ObjectCreated:Put"}]}',
        b'{"Records": [{"eventName": "s3:ObjectCreated:Put", "s3": {"object": {"key": 1}}}]}',
        b'{"detail-type": "Object Created", "detail": []}',
        b'{"Type": "Notification", "Message": "hello"}',
        b'{"Type": "SubscriptionConfirmation", "Message": "{}"}',
        b'{"message": "hello"}',
        b'{"message": {"attributes": {"eventType": "OBJECT_FINALIZE"}, "data": "?"}}',
    ],
)
def test_what_is_no_notification_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidEvent):
        parse_notification(JSON, body)


def test_envelopes_do_not_nest_without_end() -> None:
    body: dict[str, Any] = {"Event": "s3:TestEvent"}
    for _ in range(5):
        body = {"Type": "Notification", "Message": json.dumps(body)}

    with pytest.raises(InvalidEvent):
        parse_notification(JSON, json.dumps(body).encode())


def test_an_event_of_another_kind_is_refused() -> None:
    headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-type": "other", "ce-source": "/x"} | JSON

    with pytest.raises(InvalidEvent, match="'other'"):
        parse_notification(headers, b"{}")


def test_our_own_announcements_are_understood() -> None:
    infos = [
        ObjectInfo(key, 1, "e", datetime.now(UTC)) for key in ("inbox/a b+c%.pdf", "inbox/한/é")
    ]

    objects = parse_notification(JSON, announcement(infos, key_prefix="team/"))

    assert [arrived.key for arrived in objects] == ["team/inbox/a b+c%.pdf", "team/inbox/한/é"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("uploads/c/d/2/a b.pdf", UploadKey("uploads/c/d/2/a b.pdf", "c", "d", 2)),
        ("uploads/c/d/0/a.pdf", None),
        ("uploads/c/d/2/a/b.pdf", None),
        ("uploads/c/d/2/", None),
        ("uploads/c/d/two/a.pdf", None),
        ("inbox/papers/a.pdf", InboxKey("inbox/papers/a.pdf", "papers", "a.pdf")),
        ("inbox/papers/q3/a.pdf", InboxKey("inbox/papers/q3/a.pdf", "papers", "q3 - a.pdf")),
        ("inbox/a.pdf", InboxKey("inbox/a.pdf", "inbox", "a.pdf")),
        ("inbox", None),
        ("inbox/", None),
        ("inbox/papers/", None),
        ("inbox/papers/../../etc/passwd", None),
        ("inbox/papers/.DS_Store", None),
        ("inbox/.git/config", None),
        ("inbox/papers/~$report.docx", None),
        ("inbox/papers/film.mp4.crdownload", None),
        ("index/c/chunks.lance/data/1.lance", None),
        ("parsed/c/d/1/part-0001.jsonl.zst", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("prefix", ["", "team/lectern/"])
def test_a_key_says_what_has_arrived(
    key: str, expected: UploadKey | InboxKey | None, prefix: str
) -> None:
    assert read_key(prefix + key, prefix) == expected


def test_keys_outside_of_the_store_are_not_ours() -> None:
    assert read_key("inbox/papers/a.pdf", "team/") is None
