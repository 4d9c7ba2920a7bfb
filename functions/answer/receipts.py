"""Receipts: what is kept of how an answer came about, and what its owner sees of it later.

What the stored answer says already (passages, steps, timings, tokens) is not kept again. The rest
is JSON under LZMA, whose window is wide enough to find the passages of one prompt in the next.
"""

import lzma
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from functions.answer.preferring import Wishes
from functions.answer.recording import Recording
from lectern import __version__
from lectern.api import (
    AnswerReply,
    MadeWith,
    ModelCall,
    Receipt,
    ReceiptSettings,
    SearchedIndex,
    StyleOrigin,
)
from lectern.catalog.records_conversations import Receipted
from lectern.errors import NotFound
from lectern.withholding import withheld

_FAST = 1  # LZMA's preset; a request of 12 KB becomes 4 KB, three alike of 50 KB become 17 KB


class Record(BaseModel):
    """What is kept beside an answer. `rests_on` are the collections that `calls` may quote."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    lectern_version: str
    meant: str
    query: str
    settings: ReceiptSettings
    style: StyleOrigin
    searched: list[SearchedIndex]
    calls: list[ModelCall]
    rests_on: list[str]

    @property
    def made_with(self) -> MadeWith:
        """The models and prompts of all calls, each once."""
        return made_with(self.calls, self.style, self.lectern_version)


@dataclass(frozen=True, slots=True)
class ReceiptMaker:
    """Makes the receipt of one answer.

    Args:
        wishes: How it was to be answered.
        recording: What was noted meanwhile.
        scope: Ids of the collections whose documents an agent may have listed.
    """

    wishes: Wishes
    recording: Recording
    scope: AbstractSet[str]

    def __call__(self, reply: AnswerReply) -> bytes:
        """Return the receipt of `reply`, whole or not, as it is stored."""
        asked = self.recording.asked
        named = {passage.collection_id for passage in reply.passages} | {self.wishes.ruled_by}
        record = Record(
            lectern_version=__version__,
            meant=asked.question if asked else "",
            query=asked.query if asked else "",
            settings=settings_of(self.wishes),
            style=self.wishes.style_of,
            searched=self.recording.searched,
            calls=self.recording.calls,
            rests_on=sorted((named | self.scope) - {""}),
        )
        return lzma.compress(record.model_dump_json().encode(), preset=_FAST)


def record_of(found: Receipted) -> Record:
    """Return what was kept.

    Raises:
        NotFound: Another version of Lectern kept it in another form.
    """
    try:
        return Record.model_validate_json(lzma.decompress(found.record))
    except ValidationError as error:
        raise NotFound("this receipt was written by another version of Lectern") from error


def answer_of(found: Receipted, readable: AbstractSet[str]) -> tuple[AnswerReply, int]:
    """Return the answer as its owner may see it now, and how many passages are blank.

    Raises:
        NotFound: Another version of Lectern stored it in another form.
    """
    try:
        return withheld(AnswerReply.model_validate(found.answer.reply), readable)
    except ValidationError as error:
        raise NotFound("this answer was stored by another version of Lectern") from error


def receipt_of(found: Receipted, readable: AbstractSet[str]) -> Receipt:
    """Return the receipt as its owner, who may read the collections `readable`, sees it.

    Raises:
        NotFound: Another version of Lectern stored it in another form.
    """
    record = record_of(found)
    answer, blank = answer_of(found, readable)
    hidden = bool(blank) or not set(record.rests_on) <= readable
    return Receipt(
        message_id=found.answer.message_id,
        conversation_id=found.conversation_id,
        question_id=found.question_id,
        state=found.answer.state,
        answered_at=found.answer.created_at,
        lectern_version=record.lectern_version,
        question=found.question,
        meant=record.meant,
        query=record.query,
        settings=record.settings,
        style=record.style,
        searched=[each for each in record.searched if each.collection_id in readable],
        calls=[_silent(call) for call in record.calls] if hidden else record.calls,
        answer=answer,
        withheld=blank,
        messages_withheld=hidden and bool(record.calls),
    )


def settings_of(wishes: Wishes) -> ReceiptSettings:
    """Return the wishes as a receipt keeps them."""
    return ReceiptSettings(
        collections=list(wishes.collections),
        documents=list(wishes.documents),
        filters=wishes.filters,
        mode=wishes.mode,
        top_k=wishes.top_k,
        language=wishes.asked_for or "",
        reasoning=wishes.reasoning,
        tools=list(wishes.tools),
        outer_tools=list(wishes.outer_tools),
        citation_style=wishes.citation_style,
        assistant=wishes.assistant,
    )


def made_with(
    calls: Iterable[ModelCall], style: StyleOrigin, lectern_version: str = __version__
) -> MadeWith:
    """Return the models and prompts of some calls, each once, in order."""
    calls = list(calls)
    return MadeWith(
        models=list(dict.fromkeys(call.model for call in calls)),
        prompts=list(dict.fromkeys(call.prompt for call in calls if call.prompt)),
        style=style,
        lectern_version=lectern_version,
    )


def _silent(call: ModelCall) -> ModelCall:
    blank = {"content": "", "calls": []}
    return call.model_copy(
        update={"messages": [each.model_copy(update=blank) for each in call.messages]}
    )
