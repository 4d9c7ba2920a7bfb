"""Pictures that a question may need, for models that see: figures that were found, or pages."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from functions.answer.prompt import Prompt
from functions.answer.retrieving import DocumentShelf
from lectern import telemetry
from lectern.api import Passage
from lectern.errors import LecternError
from lectern.models import ChatMessage, ChatModel
from lectern.models.ports import Image

MOST_FIGURES = 4
MOST_PAGES = 2
MOST_BYTES = 8 << 20  # of all pictures of a question; what providers take in one request
_PAGE_WIDTH = 1200  # pixels; small print of a page can be read
_MEDIA_TYPES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))
_LOOKS = re.compile(
    r"\b(?:charts?|diagrams?|drawings?|figures?|graphs?|images?|layouts?|logos?|maps?|photos?"
    r"|photographs?|pictures?|plots?|screenshots?|sketch(?:es)?|stamps?|signatures?|look like)\b"
    r"|그림|도표|도면|사진|그래프|차트|이미지|지도|서명|도장|図|写真|グラフ|图|照片",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture for a passage, whose `number` counts from 1: its figure, or its whole page."""

    number: int
    image: Image
    of_page: bool = False


def pictured(
    question: str,
    passages: Sequence[Passage],
    documents: DocumentShelf,
    *,
    chat: ChatModel | None,
    vision: ChatModel | None,
) -> tuple[ChatModel | None, Sequence[Figure]]:
    """Return the model that writes the answer, and the pictures that it gets.

    A question needs pictures when figures are among what was found, or when it asks for something
    to look at and the passages stand on pages. Then the model that sees writes, `chat` itself if
    it does; in any other case `chat` does, without pictures.

    At most `MOST_FIGURES` figures or else `MOST_PAGES` pages, together at most `MOST_BYTES`. A
    picture that cannot be read, or is no PNG or JPEG, is left out.
    """
    seer = chat if chat is None or chat.sees_images else vision
    if seer is None or not seer.sees_images:
        return chat, ()
    found = _figures(passages, documents)
    if not found and _LOOKS.search(question):
        found = _pages(passages, documents)
    return (seer, found) if found else (chat, ())


def with_figures(prompt: Prompt, figures: Sequence[Figure]) -> Sequence[ChatMessage]:
    """Return the prompt's messages with the pictures of the passages that are in it."""
    shown = [figure for figure in figures if figure.number <= prompt.passages]
    if not shown:
        return prompt.messages
    *before, asked = prompt.messages
    numbers = ", ".join(f"[{figure.number}]" for figure in shown)
    what = "pages on which the passages" if shown[0].of_page else "figures of the passages"
    verb = " stand" if shown[0].of_page else ""
    said = f"The pictures are the {what} {numbers}{verb}, in this order.\n\n"
    images = tuple(figure.image for figure in shown)
    return (*before, replace(asked, content=said + asked.content, images=images))


def _figures(passages: Sequence[Passage], documents: DocumentShelf) -> Sequence[Figure]:
    """Return each figure that was found once, whether by its caption or by its description."""
    wanted: dict[tuple[str, str], tuple[int, Callable[[], bytes]]] = {}
    for number, passage in enumerate(passages, start=1):
        if passage.figure_key:
            read = partial(
                documents.figure,
                passage.document_id,
                passage.figure_key,
                revision=passage.revision,
            )
            wanted.setdefault((passage.document_id, passage.figure_key), (number, read))
    return [Figure(number, image) for number, image in _read(wanted.values(), MOST_FIGURES)]


def _pages(passages: Sequence[Passage], documents: DocumentShelf) -> Sequence[Figure]:
    """Return the pages of the best passages that have a place on one."""
    wanted: dict[tuple[str, int], tuple[int, Callable[[], bytes]]] = {}
    for number, passage in enumerate(passages, start=1):
        if passage.boxes:
            page = (passage.document_id, passage.page_number)
            read = partial(documents.page_picture, *page, width=_PAGE_WIDTH)
            wanted.setdefault(page, (number, read))
    first = list(wanted.values())[:MOST_PAGES]
    return [Figure(number, image, of_page=True) for number, image in _read(first, MOST_PAGES)]


def _read(
    wanted: Iterable[tuple[int, Callable[[], bytes]]], most: int
) -> Iterator[tuple[int, Image]]:
    """Yield the first pictures that can be read and fit, with the numbers of their passages."""
    found, room = 0, MOST_BYTES
    for number, read in wanted:
        if found == most:
            return
        try:
            data = read()
        except LecternError as error:
            telemetry.logger.warning("figure not read", extra={"code": error.code})
            continue
        media_type = next((kind for head, kind in _MEDIA_TYPES if data.startswith(head)), "")
        if media_type and len(data) <= room:
            found, room = found + 1, room - len(data)
            yield number, Image(media_type, data)
