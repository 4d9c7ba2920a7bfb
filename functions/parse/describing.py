"""What a model that sees says of figures and tables, as chunks of their own.

A description is found by search and points at the figure or table it is about. It is never mixed
with the words of the document: its kind says who wrote it. A part is readable without: whatever
goes wrong here is logged and counted, and the part goes on with the descriptions there are.
"""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from functions.parse.assembly import part_file
from functions.parse.parsing import WrittenPart, trusted_file
from functions.parse.rendering import printable
from functions.parse.splitting import pack
from lectern import telemetry
from lectern.catalog.port_usage import Usage, Used
from lectern.catalog.records import Document
from lectern.documents import Chunk, Line
from lectern.errors import LecternError, TransientError
from lectern.models.ports import ChatMessage, ChatModel, Image
from lectern.parts import decode_part, encode_part
from lectern.tokens import estimate_tokens

if TYPE_CHECKING:
    from lectern.models.registry import Models
    from lectern.models.registry_chat import ChosenChat

MOST = 40
"""Figures and tables of a part that are described, figures first."""
_WALL_S = 150.0  # for all of a delivery; parsing has its own limit, and the function has 600 s
_AT_ONCE = 4
_MOST_BYTES = 8 << 20  # of a picture; what providers take
_FEWEST_ROWS = 4  # of a table that says more than it shows
_ANSWER_TOKENS = 400
_CALL_S = 60.0
_MEDIA_TYPES = {".png": "image/png", ".jpg": "image/jpeg"}
_FOLDER = Path(__file__).with_name("prompts")


@dataclass(frozen=True, slots=True)
class Describing:
    """Asks the installation's vision models. Safe to use from several threads.

    Args:
        models: Have the models that were chosen for pictures, if there are any.
        usage: Told what the descriptions of a document took.
        chunk_tokens: Longest description, as for other chunks.
    """

    models: "Models"
    usage: Usage
    chunk_tokens: int

    def described(
        self, document: Document, parts: Sequence[WrittenPart], folder: Path
    ) -> list[WrittenPart]:
        """Return the parts with descriptions behind their chunks; their files are written anew.

        All of them together get one time: what a slow model does not reach, or does not answer
        after it was once in trouble, stays without a description. Not repeatable to the letter: a
        model may use other words. The ids of the document's own chunks stay what they are.
        """
        chat = self.models.for_pictures(document.collection_id)
        if chat is None:
            return list(parts)
        patience = _Patience(monotonic() + _WALL_S)
        try:
            return [self._part(part, folder, chat, patience) for part in parts]
        finally:
            self._count(document, chat)
            for error in patience.trouble[:1]:
                telemetry.logger.warning("not described", extra={"code": error.code})
                telemetry.count_error("parse", error)

    def _part(
        self, part: WrittenPart, folder: Path, chat: ChatModel, patience: "_Patience"
    ) -> WrittenPart:
        if not part.chunk_count or patience.is_over:
            return part
        path = trusted_file(folder, part_file(part.part))
        parsed = decode_part(path.read_bytes())
        subjects = list(islice(_subjects(parsed.chunks, folder), MOST))
        if not subjects:
            return part
        texts = _texts(subjects, chat, patience)
        added = list(self._chunks(subjects, texts, len(parsed.chunks)))
        telemetry.note(described=len(added), undescribed=len(subjects) - len(added))
        if not added:
            return part
        chunks = (*parsed.chunks, *added)
        path.write_bytes(encode_part(parsed.pages, chunks))
        return part.model_copy(update={"chunk_count": len(chunks)})

    def _chunks(
        self, subjects: Sequence["_Subject"], texts: Sequence[str], ordinal: int
    ) -> Iterator[Chunk]:
        """Yield the descriptions as chunks that stand where their subjects do."""
        for subject, said in zip(subjects, texts, strict=True):
            text = self._shortened(" ".join(printable(said).split()))
            if not text:
                continue
            chunk = subject.chunk
            place = chunk.chunk_id.rpartition(".")[0]
            changes = {
                "chunk_id": f"{place}.{ordinal:05d}",
                "ordinal": ordinal,
                "kind": "description",
                "text": text,
                "lines": tuple(_whole(chunk.lines, len(text))),
            }
            yield chunk.model_copy(update=changes)
            ordinal += 1

    def _shortened(self, text: str) -> str:
        def fits(start: int, end: int) -> bool:
            return estimate_tokens(text[start:end]) <= self.chunk_tokens

        spans = pack(text, [(0, len(text))], fits)
        return text[slice(*spans[0])] if spans else ""

    def _count(self, document: Document, chat: "ChosenChat") -> None:
        spent = chat.spent
        used = Used(
            prompt_tokens=spent.prompt_tokens,
            completion_tokens=spent.completion_tokens,
            cost_micros=spent.cost_micros,
        )
        try:
            self.usage.add(document.owner_id, used, collection_id=document.collection_id)
        except TransientError as error:
            telemetry.logger.warning("use not counted", extra={"code": error.code})


@dataclass(slots=True)
class _Patience:
    """What a delivery waits for a model: until `ends`, by `time.monotonic`, or the first trouble.

    A model in trouble would refuse the next one as well.
    """

    ends: float
    trouble: list[LecternError] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether nothing more is asked."""
        return bool(self.trouble) or monotonic() >= self.ends


@dataclass(frozen=True, slots=True)
class _Subject:
    """A figure with its picture, or a table, whose chunk has its words."""

    chunk: Chunk
    picture: Image | None = None


def _subjects(chunks: Sequence[Chunk], folder: Path) -> Iterator[_Subject]:
    """Yield what is to be described: each picture once, then tables of some size."""
    seen: set[bytes] = set()
    for chunk in chunks:
        if not chunk.figure_key:
            continue
        path = trusted_file(folder, chunk.figure_key.rpartition("/")[2])
        if path.stat().st_size > _MOST_BYTES:
            continue
        data = path.read_bytes()
        digest = hashlib.sha256(data).digest()
        if digest not in seen:
            seen.add(digest)
            yield _Subject(chunk, Image(_MEDIA_TYPES[path.suffix], data))
    for chunk in chunks:
        if chunk.kind == "table" and chunk.text.count("\n| ") >= _FEWEST_ROWS:
            yield _Subject(chunk)


def _texts(subjects: Sequence[_Subject], chat: ChatModel, patience: _Patience) -> Sequence[str]:
    """Return what the model says of each, "" for what it was not asked or did not answer."""

    def describe(subject: _Subject) -> str:
        left_s = patience.ends - monotonic()
        if patience.is_over:
            return ""
        try:
            reply = chat.reply(
                _prompt(subject), timeout_s=min(left_s, _CALL_S), max_tokens=_ANSWER_TOKENS
            )
            return "".join(delta.text for delta in reply.deltas)
        except LecternError as error:
            patience.trouble.append(error)
            return ""

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="describe") as pool:
        return list(pool.map(describe, subjects))


def _prompt(subject: _Subject) -> Sequence[ChatMessage]:
    chunk = subject.chunk
    said = "\n".join((*chunk.heading_path, chunk.text))
    rules = _rules("describe-figure-v1" if subject.picture else "describe-table-v1")
    images = (subject.picture,) if subject.picture else ()
    return ChatMessage("system", rules), ChatMessage("user", said, images=images)


def _whole(lines: Sequence[Line], length: int) -> Iterator[Line]:
    """Yield one line for a text of this length: the place that `lines` take together."""
    if lines:
        left, top = min(line.x0 for line in lines), min(line.y0 for line in lines)
        right, bottom = max(line.x1 for line in lines), max(line.y1 for line in lines)
        yield Line(0, length, left, top, right, bottom)


@cache
def _rules(version: str) -> str:
    return (_FOLDER / f"{version}.md").read_text(encoding="utf-8").strip()
