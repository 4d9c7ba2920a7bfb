"""Figures on their way to a model that sees: scripted model and documents, real HTTP."""

import base64
from typing import Any

import pytest

from functions.answer.figures import MOST_BYTES, MOST_FIGURES
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
