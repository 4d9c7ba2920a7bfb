"""From an answer of Lectern's to a chat completion, whole or in chunks."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from functions.answer.language import SOURCES, language_of
from functions.answer.openai_bodies import (
    AssistantMessage,
    ChatCompletion,
    Choice,
    CompletionUsage,
    FileAnnotation,
    Source,
    UrlAnnotation,
    UrlCitation,
)
from functions.answer.openai_errors import event_body
from functions.answer.places import PublicPlaces
from functions.answer.quoting import as_plain_text
from lectern.api import AnswerEvent, AnswerReply, Citation
from lectern.documents import new_id

_LONGEST_NAME = 120
_DONE = b"data: [DONE]\n\n"


@dataclass(slots=True)
class Completion:
    """One answer on its way to a client of the OpenAI-compatible API.

    Args:
        model: As the client named it.
        question: Its language is the one of the word above the sources.
        places: For links.
        sources: Whether the cited pages are listed below the answer.
        usage_wanted: Whether a stream ends in a chunk with the usage.
    """

    model: str
    question: str
    places: PublicPlaces
    sources: bool = True
    usage_wanted: bool = False
    completion_id: str = field(default_factory=lambda: f"chatcmpl-{new_id()}")
    created: int = field(default_factory=lambda: int(time.time()))
    _begun: bool = False

    def whole(self, reply: AnswerReply) -> ChatCompletion:
        """Return the whole answer."""
        message = AssistantMessage(
            content=reply.answer + self._sources(reply.citations),
            annotations=[self._annotation(citation) for citation in reply.citations],
        )
        return ChatCompletion(
            id=self.completion_id,
            created=self.created,
            model=self.model,
            choices=[Choice(message=message, finish_reason=_ending(reply))],
            usage=_usage(reply),
        )

    def encode(self, event: AnswerEvent) -> bytes:
        """Return the chunks for the next event, as they travel; b"" for one that has none."""
        if event.event == "token":
            return self._delta({"content": event.data["text"]})
        if event.event == "done":
            return self._last(AnswerReply.model_validate(event.data))
        if event.event == "error":
            return _data(event_body(event.data))
        return b""

    def _last(self, reply: AnswerReply) -> bytes:
        annotations = [self._annotation(citation) for citation in reply.citations]
        last = b""
        if said := self._sources(reply.citations):
            last += self._delta({"content": said})
        if annotations:
            last += self._delta({"annotations": [each.model_dump() for each in annotations]})
        last += self._delta({}, finish_reason=_ending(reply))
        if self.usage_wanted:
            last += self._chunk([], usage=_usage(reply).model_dump())
        return last + _DONE

    def _delta(self, delta: Mapping[str, Any], *, finish_reason: str | None = None) -> bytes:
        first = {} if self._begun else {"role": "assistant"}
        self._begun = True
        choice = {"index": 0, "delta": {**first, **delta}, "finish_reason": finish_reason}
        more = {"usage": None} if self.usage_wanted else {}
        return self._chunk([choice], **more)

    def _chunk(self, choices: Sequence[Mapping[str, Any]], **more: Any) -> bytes:
        return _data(
            {
                "id": self.completion_id,
                "object": "chat.completion.chunk",
                "created": self.created,
                "model": self.model,
                "choices": choices,
                **more,
            }
        )

    def _annotation(self, citation: Citation) -> UrlAnnotation | FileAnnotation:
        source = Source.model_validate(citation.model_dump())
        url = self.places.link_to(citation.document_id, citation.page_number)
        if not url:
            return FileAnnotation(
                file_id=citation.document_id,
                filename=citation.document_name,
                index=citation.answer_end,
                lectern=source,
            )
        cited = UrlCitation(
            start_index=citation.answer_start,
            end_index=citation.answer_end,
            title=f"{citation.document_name}, p. {citation.page_number}",
            url=url,
        )
        return UrlAnnotation(url_citation=cited, lectern=source)

    def _sources(self, citations: Sequence[Citation]) -> str:
        """Return the list of the cited pages, as Markdown that no document's name can break."""
        if not self.sources or not citations:
            return ""
        lines: dict[tuple[int, int], str] = {}
        for citation in sorted(citations, key=lambda each: (each.number, each.page_number)):
            name = as_plain_text(citation.document_name[:_LONGEST_NAME])
            link = self.places.link_to(citation.document_id, citation.page_number)
            place = f"- [{citation.number}] {name}, p. {citation.page_number}"
            shown = f"{place} <{link}>" if link else place
            lines.setdefault((citation.number, citation.page_number), shown)
        return "\n\n" + "\n".join([SOURCES[language_of(self.question)], *lines.values()])


def _ending(reply: AnswerReply) -> Literal["stop", "length", "content_filter"]:
    codes = {warning.code for warning in reply.warnings}
    if "ended_length" in codes:
        return "length"
    return "content_filter" if "ended_filter" in codes else "stop"


def _usage(reply: AnswerReply) -> CompletionUsage:
    read, written = reply.usage.prompt_tokens, reply.usage.completion_tokens
    return CompletionUsage(
        prompt_tokens=read, completion_tokens=written, total_tokens=read + written
    )


def _data(body: Mapping[str, Any]) -> bytes:
    """Return a server-sent event; ASCII, so that nothing in it can look like a line's end."""
    return b"data: " + json.dumps(body, separators=(",", ":")).encode() + b"\n\n"
