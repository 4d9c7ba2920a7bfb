"""What object stores say when an object has arrived, in all their dialects. Pure functions.

CloudEvents: Ceph RGW and Knative's CephSource, Knative's IntegrationSource for SQS, Google Cloud
Storage. Raw webhooks: AWS S3 (alone, in SNS, as EventBridge), MinIO and those that speak like it,
Google's Pub/Sub push. AWS and MinIO write keys as in an HTML form ("+" for a space; S3 user guide,
"Event message structure"); EventBridge, Ceph (`rgw_pubsub.cc`) and Google write them as they are.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from lectern.errors import InvalidEvent
from lectern.events import Envelope, decode

_CREATED = "ObjectCreated:"
_CEPH = "com.amazonaws."
_SQS = "dev.knative.eventing.aws-sqs"
_GOOGLE = "google.cloud.storage.object.v1."
_NESTING_MAX = 3  # an S3 notification in an SNS envelope in an SQS body


@dataclass(frozen=True, slots=True)
class UploadedObject:
    """An object that has arrived. `key` is the whole key in its bucket; etag "" when not said."""

    key: str
    etag: str
    dialect: str


def parse_notification(headers: Mapping[str, str], body: bytes) -> tuple[UploadedObject, ...]:
    """Return the objects of a notification; none for test messages, deletions and the like.

    Args:
        headers: Names in lower case.
        body: The request's body.

    Raises:
        InvalidEvent: It is no notification of a known dialect.
    """
    if is_cloud_event(headers):
        return _of_cloud_event(decode(headers, body))
    return _of_webhook(_json(body))


def is_cloud_event(headers: Mapping[str, str]) -> bool:
    """Return whether the request claims to be a CloudEvent, in binary or structured mode."""
    content_type = headers.get("content-type", "")
    return "ce-specversion" in headers or content_type.startswith("application/cloudevents")


def _of_cloud_event(envelope: Envelope) -> tuple[UploadedObject, ...]:
    data = _json(envelope.data)
    if envelope.event_type.startswith(_CEPH):
        return _of_s3(data if "Records" in data else {"Records": [data]}, 0)
    if envelope.event_type == _SQS:
        return _of_webhook(data)
    if envelope.event_type == f"{_GOOGLE}finalized":
        return (_of_google(data),)
    if envelope.event_type.startswith(_GOOGLE):
        return ()
    raise InvalidEvent(
        f"type {envelope.event_type!r} is no object-store notification that intake knows"
    )


def _of_webhook(data: dict[str, Any], depth: int = 0) -> tuple[UploadedObject, ...]:
    for mark, read in _WEBHOOKS:
        if mark in data and depth < _NESTING_MAX:
            return read(data, depth)
    raise InvalidEvent("the request is no object-store notification that intake knows")


def _of_s3(data: dict[str, Any], _depth: int) -> tuple[UploadedObject, ...]:
    records = data["Records"]
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise InvalidEvent("'Records' is no list of records")
    return tuple(
        _of_record(record) for record in records if _CREATED in str(record.get("eventName"))
    )


def _of_record(record: dict[str, Any]) -> UploadedObject:
    dialect = str(record.get("eventSource", "aws:s3")).partition(":")[0]
    decode_key = str if dialect == "ceph" else unquote_plus
    return _object(_at(record, "s3", "object"), "key", "eTag", dialect, decode_key)


def _of_event_bridge(data: dict[str, Any], _depth: int) -> tuple[UploadedObject, ...]:
    if data["detail-type"] != "Object Created":
        return ()
    return (_object(_at(data, "detail", "object"), "key", "etag", "eventbridge", str),)


def _of_sns(data: dict[str, Any], depth: int) -> tuple[UploadedObject, ...]:
    if data.get("Type", "Notification") != "Notification":
        raise InvalidEvent("SNS wants its subscription confirmed; subscribe a queue instead")
    return _of_webhook(_json(data["Message"]), depth + 1)


def _of_pubsub(data: dict[str, Any], _depth: int) -> tuple[UploadedObject, ...]:
    attributes = _at(data, "message", "attributes")
    if attributes.get("eventType") != "OBJECT_FINALIZE":
        return ()
    try:
        resource = base64.b64decode(data["message"].get("data") or "e30=", validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise InvalidEvent("the data of the Pub/Sub message is no base64") from error
    return (_of_google({"name": attributes.get("objectId")} | _json(resource)),)


def _of_test(_data: dict[str, Any], _depth: int) -> tuple[UploadedObject, ...]:
    return ()


_WEBHOOKS: tuple[
    tuple[str, Callable[[dict[str, Any], int], tuple[UploadedObject, ...]]], ...
] = (  # the field that tells a dialect from the others, most telling first
    ("Records", _of_s3),
    ("detail-type", _of_event_bridge),
    ("Message", _of_sns),
    ("message", _of_pubsub),
    ("Event", _of_test),  # "s3:TestEvent", once, when a notification is set up
)


def _of_google(resource: dict[str, Any]) -> UploadedObject:
    return _object(resource, "name", "etag", "google", str)


def _object(
    data: dict[str, Any],
    key_field: str,
    etag_field: str,
    dialect: str,
    decode_key: Callable[[str], str],
) -> UploadedObject:
    key = data.get(key_field)
    if not isinstance(key, str):
        raise InvalidEvent(f"the notification has no {key_field!r}")
    return UploadedObject(decode_key(key), str(data.get(etag_field) or ""), dialect)


def _at(data: dict[str, Any], *path: str) -> dict[str, Any]:
    found: Any = data
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        raise InvalidEvent(f"the notification has no {'.'.join(path)!r}")
    return found


def _json(text: Any) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidEvent("the notification is no JSON") from error
    if not isinstance(data, dict):
        raise InvalidEvent("the notification is no JSON object")
    return data
