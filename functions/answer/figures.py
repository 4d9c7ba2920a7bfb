"""Pictures that a question may need: figures among what was found, for models that see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from functions.answer.prompt import Prompt
from functions.answer.retrieving import DocumentShelf
from lectern import telemetry
from lectern.api import Passage
from lectern.errors import LecternError
from lectern.models import ChatMessage, ChatModel
from lectern.models.ports import Image

MOST_FIGURES = 4
MOST_BYTES = 8 << 20  # of all pictures of a question; what providers take in one request
_MEDIA_TYPES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


@dataclass(frozen=True, slots=True)
class Figure:
    """The picture of a passage; `number` is the passage's, from 1."""

    number: int
    image: Image


def figures_for(
    passages: Sequence[Passage], chat: ChatModel | None, documents: DocumentShelf
) -> Sequence[Figure]:
    """Return the pictures of the first figures among `passages`, if `chat` sees them.

    At most `MOST_FIGURES`, together at most `MOST_BYTES`. One that cannot be read, or is no PNG or
    JPEG, is left out: its caption is among the passages anyway.
    """
    if chat is None or not chat.sees_images:
        return ()
    found: list[Figure] = []
    room = MOST_BYTES
    for number, passage in enumerate(passages, start=1):
        if passage.kind != "figure" or not passage.figure_key or len(found) == MOST_FIGURES:
            continue
        try:
            data = documents.figure(
                passage.document_id, passage.figure_key, revision=passage.revision
            )
        except LecternError as error:
            telemetry.logger.warning("figure not read", extra={"code": error.code})
            continue
        media_type = next((kind for head, kind in _MEDIA_TYPES if data.startswith(head)), "")
        if media_type and len(data) <= room:
            room -= len(data)
            found.append(Figure(number, Image(media_type, data)))
    return found


def with_figures(prompt: Prompt, figures: Sequence[Figure]) -> Sequence[ChatMessage]:
    """Return the prompt's messages with the pictures of the passages that are in it."""
    shown = [figure for figure in figures if figure.number <= prompt.passages]
    if not shown:
        return prompt.messages
    *before, asked = prompt.messages
    numbers = ", ".join(f"[{figure.number}]" for figure in shown)
    said = f"The pictures are the figures of the passages {numbers}, in this order.\n\n"
    images = tuple(figure.image for figure in shown)
    return (*before, replace(asked, content=said + asked.content, images=images))
