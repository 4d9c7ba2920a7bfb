"""The events that wire the functions: their data, their ids and their HTTP encoding.

The only module that imports `cloudevents`. Types read `dev.lectern.<subject>.<past tense>.v1`.
Ids are derived from the data, so that a redelivery or a second publisher repeats them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, Protocol, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lectern.errors import InvalidEvent
from lectern.event_types import name_of, refuse_newer

MAX_DATA_BYTES = 4096
ERROR_EXTENSIONS = frozenset({"knativeerrordest", "knativeerrorcode", "knativeerrordata"})
"""What a broker adds to an event that it hands to the dead letter sink."""
_NOT_AN_EVENT = "the request is not a CloudEvent 1.0 in binary or structured mode"
_ATTRIBUTES = frozenset(
    {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema"}
)


class Event(BaseModel):
    """Data of an event. Unknown fields are ignored, so that versions can live side by side."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_type: ClassVar[str]
    other_types: ClassVar[frozenset[str]] = frozenset()
    """Types under which others send the same data."""

    def event_id(self) -> str:
        """Return the id that every publisher of this very fact would choose."""
        raise NotImplementedError

    def subject(self) -> str:
        """Return what the event is about: the document id, where there is one."""
        raise NotImplementedError

    def delivered_as(self, event_id: str) -> Self:
        """Return the event with what it takes from the id that it was delivered under."""
        del event_id
        return self


class DocumentEvent(Event):
    """An event about one revision of a document."""

    collection_id: Annotated[str, Field(min_length=1, max_length=64)]
    document_id: Annotated[str, Field(min_length=1, max_length=64)]
    revision: Annotated[int, Field(ge=1)]

    def event_id(self) -> str:
        """See `Event.event_id`."""
        return f"{name_of(self.event_type)}:{self.document_id}:{self.revision}"

    def subject(self) -> str:
        """See `Event.subject`."""
        return self.document_id


class PartEvent(DocumentEvent):
    """An event about one part of a revision; parts count from 1."""

    part: Annotated[int, Field(ge=1)]
    parts: Annotated[int, Field(ge=1)]

    def event_id(self) -> str:
        """See `Event.event_id`."""
        return f"{super().event_id()}:{self.part}"


class DocumentUploaded(DocumentEvent):
    """A file lies in the store and waits to be parsed."""

    event_type = "dev.lectern.document.uploaded.v1"
    object_key: str
    size_bytes: Annotated[int, Field(ge=0)]
    sha256: str = ""
    content_type: str = ""
    name: str


class PartAssigned(PartEvent):
    """A page range of a large document waits to be parsed; pages are 1-based and inclusive."""

    event_type = "dev.lectern.part.assigned.v1"
    first_page: Annotated[int, Field(ge=1)]
    last_page: Annotated[int, Field(ge=1)]


class PartParsed(PartEvent):
    """The chunks of a part lie in the store under `chunks_key`."""

    event_type = "dev.lectern.part.parsed.v1"
    chunks_key: str
    chunk_count: Annotated[int, Field(ge=0)]


class PartEmbedded(PartEvent):
    """The chunks of a part can be found by search."""

    event_type = "dev.lectern.part.embedded.v1"


class DocumentIndexed(DocumentEvent):
    """Every part of a revision can be found by search."""

    event_type = "dev.lectern.document.indexed.v1"
    pages: Annotated[int, Field(ge=0)]
    chunks: Annotated[int, Field(ge=0)]


class DocumentFailed(DocumentEvent):
    """A revision will not become searchable by itself; `detail` says what a person can do."""

    event_type = "dev.lectern.document.failed.v1"
    stage: str
    code: str
    detail: str


class DocumentDeleted(DocumentEvent):
    """Everything of the document, every revision included, is to be removed."""

    event_type = "dev.lectern.document.deleted.v1"


class MaintenanceDue(Event):
    """A timer says that upkeep is due. `tick` tells one tick from the next.

    On a cluster the timer is Knative's PingSource, with a type of its own and always the same data;
    its ids tell ticks apart. `older_than_s` overrides how many seconds a document must not have
    moved for a sweep to act.
    """

    event_type = "dev.lectern.maintenance.due.v1"
    other_types = frozenset({"dev.knative.sources.ping"})
    task: Literal["optimize", "sweep", "backup"]
    tick: str = ""
    older_than_s: Annotated[float, Field(ge=0)] | None = None

    def event_id(self) -> str:
        """See `Event.event_id`."""
        return f"maintenance.due:{self.task}:{self.tick}"

    def subject(self) -> str:
        """See `Event.subject`."""
        return self.task

    def delivered_as(self, event_id: str) -> Self:
        """See `Event.delivered_as`: a tick without a name has that of its delivery."""
        return self if self.tick else self.model_copy(update={"tick": event_id})


EVENT_MODELS: Mapping[str, type[Event]] = {
    model.event_type: model
    for model in (
        DocumentUploaded,
        PartAssigned,
        PartParsed,
        PartEmbedded,
        DocumentIndexed,
        DocumentFailed,
        DocumentDeleted,
        MaintenanceDue,
    )
}

E = TypeVar("E", bound=Event)


class Publisher(Protocol):
    """Hands events to the broker."""

    def publish(self, event: Event) -> None:
        """Return once the broker has accepted `event`. Safe to repeat: ids are deterministic.

        Raises:
            TransientError: The broker cannot be reached or did not accept the event.
        """
        ...

    def check(self) -> None:
        """Return if there is a broker that can be reached now; nothing is published.

        Raises:
            TransientError: There is none (code `no_broker`); the detail says why.
        """
        ...


@dataclass(frozen=True, slots=True)
class Envelope:
    """A CloudEvent as it came, its data not yet interpreted."""

    event_id: str
    event_type: str
    source: str
    subject: str
    data: bytes
    extensions: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_dead_letter(self) -> bool:
        """Whether a broker gave up on delivering this event to somebody else."""
        return not ERROR_EXTENSIONS.isdisjoint(self.extensions)

    def read(self, *models: type[E]) -> E:
        """Return the data as the one of `models` that has this envelope's type.

        Raises:
            InvalidEvent: The type is none of them, or the data does not fit.
            TransientError: See `refuse_newer`.
        """
        for model in models:
            if self.event_type in {model.event_type, *model.other_types}:
                try:
                    return model.model_validate_json(self.data).delivered_as(self.event_id)
                except ValidationError as error:
                    first = error.errors(include_url=False, include_input=False)[0]
                    place = ".".join(map(str, first["loc"])) or "data"
                    raise InvalidEvent(
                        f"data of {self.event_type!r} is invalid at {place!r}: {first['msg']}"
                    ) from error
        refuse_newer(self.event_type, models)
        expected = ", ".join(repr(model.event_type) for model in models)
        raise InvalidEvent(f"type {self.event_type!r} is not handled here; expected {expected}")

    @classmethod
    def of(cls, event: Event, *, source: str, extensions: Mapping[str, str] | None = None) -> Self:
        """Return the envelope in which `event` travels.

        Raises:
            InvalidEvent: The data exceeds 4 KiB; events carry keys, never content.
        """
        data = event.model_dump_json().encode()
        if len(data) > MAX_DATA_BYTES:
            raise InvalidEvent(
                f"data of {event.event_type!r} is {len(data)} bytes; the limit is {MAX_DATA_BYTES}"
            )
        return cls(
            event_id=event.event_id(),
            event_type=event.event_type,
            source=source,
            subject=event.subject(),
            data=data,
            extensions=dict(extensions or {}),
        )


def encode(envelope: Envelope) -> tuple[dict[str, str], bytes]:
    """Return headers and body of `envelope` in CloudEvents binary mode."""
    from cloudevents.conversion import to_binary
    from cloudevents.http import CloudEvent

    attributes: dict[str, Any] = {
        "id": envelope.event_id,
        "type": envelope.event_type,
        "source": envelope.source,
        "datacontenttype": "application/json",
        **envelope.extensions,
    }
    if envelope.subject:
        attributes["subject"] = envelope.subject
    headers, _ = to_binary(CloudEvent(attributes, None))
    headers["content-type"] = "application/json"
    return headers, envelope.data


def decode(headers: Mapping[str, str], body: bytes) -> Envelope:
    """Return the event of an HTTP message in binary or structured mode.

    Raises:
        InvalidEvent: The message is not one CloudEvent 1.0 with JSON data; batches are refused.
    """
    from cloudevents.exceptions import GenericException
    from cloudevents.http import from_http

    if headers.get("content-type", "").startswith("application/cloudevents-batch"):
        raise InvalidEvent("batches are not accepted; send one event per request")
    try:
        event = from_http(dict(headers), body, data_unmarshaller=lambda data: data)
    except (GenericException, ValueError, TypeError, KeyError) as error:
        raise InvalidEvent(_NOT_AN_EVENT) from error
    if event is None:
        raise InvalidEvent(_NOT_AN_EVENT)
    attributes = dict(event.get_attributes())
    data = event.get_data()
    if not isinstance(data, bytes | str | None):
        data = json.dumps(data)
    return Envelope(
        event_id=str(attributes["id"]),
        event_type=str(attributes["type"]),
        source=str(attributes["source"]),
        subject=str(attributes.get("subject") or ""),
        data=data.encode() if isinstance(data, str) else data or b"",
        extensions={k: str(v) for k, v in attributes.items() if k not in _ATTRIBUTES},
    )
