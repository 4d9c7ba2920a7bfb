"""Figures on their way to a model that sees: scripted model and documents, real HTTP."""

import base64
from typing import Any

import pytest

from functions.answer.figures import MOST_BYTES, MOST_FIGURES, MOST_PAGES
from lectern.api import Passage
from tests.component.test_answer import DAYS, Start, whole
from tests.component.test_answer import provider as provider  # noqa: PLC0414 - a fixture
from tests.component.test_answer import retrieve as retrieve  # noqa: PLC0414 - a fixture
from tests.component.test_answer import start as start  # noqa: PLC0414 - a fixture
from tests.provider.chat import ScriptedChat
from tests.provider.retrieve import ScriptedRetrieve, passage

PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 100
JPEG = b"\xff\xd8\xff" + b"j" * 100
QUESTION = "What does the diagram of hotel prices show?"


def figure(number: int, extension: str = "png") -> Passage:
    key = f"figures/c1/d1/1/part-0001-{number:04d}.{extension}"
    caption = f"Figure {number}: hotel prices"
    return passage(caption, number=number, kind="figure", figure_key=key)


def shelve(retrieve: ScriptedRetrieve, number: int, data: bytes, extension: str = "png") -> None:
    path = f"/catalog/v1/documents/d1/figures/part-0001-{number:04d}.{extension}"
    retrieve.pages[path] = data


def content_of(provider: ScriptedChat) -> list[dict[str, Any]]:
    content = provider.requests[-1].body["messages"][-1]["content"]
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


def pictures(provider: ScriptedChat) -> list[str]:
    return [p["image_url"]["url"] for p in content_of(provider) if p["type"] == "image_url"]


def test_figures_among_the_found_go_to_a_model_that_sees_with_their_numbers(
    start: Start, retrieve: ScriptedRetrieve, provider: ScriptedChat
) -> None:
    retrieve.passages = (passage(DAYS, number=3), figure(4), figure(5, "jpg"))
    shelve(retrieve, 4, PNG)
    shelve(retrieve, 5, JPEG, "jpg")

    whole(start(provider, LECTERN_CHAT_SEES_IMAGES="true"), question=QUESTION)

    assert pictures(provider) == [
        f"data:image/png;base64,{base64.b64encode(PNG).decode()}",
        f"data:image/jpeg;base64,{base64.b64encode(JPEG).decode()}",
    ]
    assert "figures of the passages [2], [3], in this order" in provider.requests[-1].prompt


def test_a_model_that_does_not_see_gets_the_captions_alone(
    start: Start, retrieve: ScriptedRetrieve, provider: ScriptedChat
) -> None:
    retrieve.passages = (figure(4),)

    whole(start(provider), question=QUESTION)

    assert pictures(provider) == []
    assert "Figure 4: hotel prices" in provider.requests[-1].prompt


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"<svg onload='alert(1)'/>", id="no picture"),
        pytest.param(b"", id="empty"),
        pytest.param(PNG + b"p" * MOST_BYTES, id="too large"),
    ],
)
def test_what_is_no_picture_or_too_large_is_left_out(
    start: Start, retrieve: ScriptedRetrieve, provider: ScriptedChat, data: bytes
) -> None:
    retrieve.passages = (figure(4), figure(5))
    shelve(retrieve, 4, data)
    shelve(retrieve, 5, PNG)

    whole(start(provider, LECTERN_CHAT_SEES_IMAGES="true"), question=QUESTION)

    assert len(pictures(provider)) == 1
    assert "figures of the passages [2], in this order" in provider.requests[-1].prompt


def test_there_are_never_more_pictures_than_a_request_should_hold(
    start: Start, retrieve: ScriptedRetrieve, provider: ScriptedChat
) -> None:
    retrieve.passages = tuple(figure(number) for number in range(1, MOST_FIGURES + 3))
    for number in range(1, MOST_FIGURES + 3):
        shelve(retrieve, number, PNG)

    whole(start(provider, LECTERN_CHAT_SEES_IMAGES="true"), question=QUESTION)

    assert len(pictures(provider)) == MOST_FIGURES


def test_a_figure_that_cannot_be_read_stops_no_answer(
    start: Start, retrieve: ScriptedRetrieve, provider: ScriptedChat
) -> None:
    retrieve.passages = (passage(DAYS, number=3), figure(4))

    reply = whole(start(provider, LECTERN_CHAT_SEES_IMAGES="true"), question=QUESTION)

    assert reply.found
    assert pictures(provider) == []


def test_a_figure_found_by_its_caption_and_its_description_is_sent_once(
    start: Start, retrieve: ScriptedRetrieve, provider: ScriptedChat
) -> None:
    said = figure(4).model_copy(update={"kind": "description", "chunk_id": "d1.1.0001.00009"})
    retrieve.passages = (said, figure(4))
    shelve(retrieve, 4, PNG)

    whole(start(provider, LECTERN_CHAT_SEES_IMAGES="true"), question=QUESTION)

    assert len(pictures(provider)) == 1
    assert 'written-by="a model that saw the figure or table"' in provider.requests[-1].prompt


@pytest.mark.parametrize(
    ("found", "model"),
    [
        pytest.param((passage(DAYS, number=3), figure(4)), "seer", id="a figure"),
        pytest.param((passage(DAYS, number=3),), "small", id="no figure"),
    ],
)
def test_a_question_with_figures_is_answered_by_the_model_that_sees(
    start: Start,
    retrieve: ScriptedRetrieve,
    provider: ScriptedChat,
    found: tuple[Passage, ...],
    model: str,
) -> None:
    retrieve.passages = found
    shelve(retrieve, 4, PNG)

    reply = whole(start(provider, LECTERN_VISION_CHAT_MODEL="seer"), question="Prices of hotels?")

    assert provider.requests[-1].body["model"] == reply.usage.model == model
    assert len(pictures(provider)) == (model == "seer")
    assert reply.usage.model_calls == 1


def test_a_question_about_something_to_look_at_gets_the_pages(
    start: Start, retrieve: ScriptedRetrieve, provider: ScriptedChat
) -> None:
    retrieve.passages = tuple(
        passage(DAYS, number=number, chunk_id=f"d1.1.0001.{number}") for number in range(3, 7)
    )
    for number in range(3, 7):
        retrieve.pages[f"/catalog/v1/documents/d1/pages/{number}.png"] = PNG

    whole(start(provider, LECTERN_CHAT_SEES_IMAGES="true"), question=QUESTION)

    assert len(pictures(provider)) == MOST_PAGES
    assert "pages on which the passages [1], [2] stand" in provider.requests[-1].prompt


@pytest.mark.parametrize(
    "question", ["What does a hotel cost?", "Who may book figs at a configured hotel?"]
)
def test_a_question_about_words_gets_no_pages(
    start: Start, retrieve: ScriptedRetrieve, provider: ScriptedChat, question: str
) -> None:
    retrieve.passages = (passage(DAYS, number=3),)
    retrieve.pages["/catalog/v1/documents/d1/pages/3.png"] = PNG

    whole(start(provider, LECTERN_CHAT_SEES_IMAGES="true"), question=question)

    assert pictures(provider) == []


def test_a_description_is_never_quoted_as_the_words_of_a_document(
    start: Start, retrieve: ScriptedRetrieve
) -> None:
    said = passage(DAYS, number=3, kind="description")
    retrieve.passages = (said,)

    reply = whole(start(), question="How much may a hotel cost a night?")

    assert (reply.kind, reply.found, reply.citations) == ("extractive", False, [])
