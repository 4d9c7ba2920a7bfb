"""The search page and a document's passages under AppTest, on the whole stack with samples."""

import time
from collections.abc import Iterator

import pytest
from httpx import HTTPTransport
from streamlit.testing.v1 import AppTest

from lectern.api import GrantRequest
from tests.web.component_events import data_of, fire
from tests.web.conftest import World, forget_settings
from tests.web.stack import Person, Stack
from tests.web.test_library_page import library
from tests.web.test_library_page import page_of as drawn
from web import connections

CARDS = "search-cards"


@pytest.fixture(scope="module")
def searcher(running: Stack) -> Person:
    """Somebody who may read the samples, all of which are ready, and nothing else."""
    person = running.person("searcher")
    with running.up.client() as owner:

        def ready() -> bool:
            found = owner.documents.list("handbook").documents
            return len(found) == 3 and all(each.state.terminal for each in found)

        assert running.up.eventually(ready, timeout_s=120)
        grant = GrantRequest(kind="user", id=person.user_id, role="viewer")
        grants = owner.collections.grants("handbook")
        kept = [GrantRequest(kind=each.kind, id=each.id, role=each.role) for each in grants]
        owner.collections.share("handbook", [*kept, grant])
    return person


@pytest.fixture
def world(running: Stack, searcher: Person, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """All of Lectern, for the pages of this process."""
    up = running.up
    monkeypatch.setenv("LECTERN_FUNCTION_URL", up.function_url)
    monkeypatch.setenv("LECTERN_HOME", str(up.home))
    forget_settings()
    yield World(up.function_url, up.home, {"searcher": searcher.token})
    HTTPTransport.close(connections._pool())  # which outlives its clients on purpose
    forget_settings()


def search(world: World, language: str = "en", **params: str | list[str]) -> AppTest:
    at = drawn(world, "searcher", language=language)
    at = at.switch_page("app_pages/search.py")
    for name, value in params.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def cards(at: AppTest) -> list[dict[str, object]]:
    found: list[dict[str, object]] = data_of(at, CARDS)["items"]
    return found


def words(at: AppTest) -> str:
    return "\n".join(str(each.value) for each in (*at.markdown, *at.caption, *at.error))


def test_an_empty_page_says_what_it_is_for(world: World) -> None:
    at = search(world)

    assert "Look into your documents" in words(at)


def test_passages_come_with_relevance_signals_marks_and_timings(world: World) -> None:
    at = search(world, q="privacy and rights")

    first = cards(at)[0]
    assert first["relevance"]["share"] > 0
    assert {signal["tone"] for signal in first["signals"]} <= {"vector", "text", "rerank"}
    marked = [run for block in first["blocks"] for run, hit in block.get("runs", []) if hit]
    assert marked
    steps = [part["label"] for part in data_of(at, "search-bars")["items"]]
    assert steps[:2] == ["Rights", "Embedding"]


def test_an_address_carries_the_settings_and_follows_them(world: World) -> None:
    at = search(world, q="table of limits", k="3", mode="text", kind=["table"], c=["handbook"])
    assert at.number_input(key="search-top_k").value == 3
    assert len(cards(at)) <= 3
    assert {card["kind"] for card in cards(at)} == {"Table"}

    at.number_input(key="search-top_k").set_value(1).run()

    assert len(cards(at)) == 1
    assert "1" in at.query_params["k"]
    assert "text" in at.query_params["mode"]


def test_tables_are_cells(world: World) -> None:
    at = search(world, q="limits", kind=["table"])

    tables = [block for card in cards(at) for block in card["blocks"] if block.get("rows")]

    assert tables
    assert tables[0]["header"]


def test_filters_that_leave_nothing_say_so_and_can_be_reset(world: World) -> None:
    at = search(world, q="limits", tag=["no such tag"])
    assert "Filters are on" in words(at)

    at.button(key="search-reset").click().run()

    assert cards(at)
    assert "tag" not in at.query_params


def test_a_collection_that_is_not_there_is_said_to_be_so(world: World) -> None:
    at = search(world, q="limits", c=["nowhere"])

    assert at.error


def test_a_passage_opens_its_page_with_its_boxes(world: World) -> None:
    at = search(world, q="limits of a document handbook")
    chosen = next(c for c in cards(at) if c["source"] == "lectern-handbook.pdf")

    fire(at, CARDS, "open", {"id": chosen["id"], "wide": True})

    shown = data_of(at, "search-viewer")
    place = shown["highlights"][shown["active"]]
    assert shown["page_count"] == 5
    assert place["number"] == chosen["number"]
    assert place["boxes"]
    at.button(key="search-close").click().run()
    with pytest.raises(AssertionError, match="no component"):
        data_of(at, "search-viewer")


def test_a_passage_without_pages_opens_as_text(world: World) -> None:
    at = search(world, q="release notes", mode="text")
    chosen = next(c for c in cards(at) if c["source"] == "release-notes.md")

    fire(at, CARDS, "open", {"id": chosen["id"], "wide": True})

    shown = data_of(at, "search-viewer")
    assert shown["page_count"] == 0
    assert shown["highlights"][shown["active"]]["text"]


def test_the_page_speaks_korean(world: World) -> None:
    at = search(world, language="ko", q="문서")

    assert data_of(at, CARDS)["label"] == "찾은 구절"


def of_name(world: World, name: str) -> str:
    with world.lectern("searcher") as lectern:
        documents = lectern.documents.list("handbook").documents
    return next(each.document_id for each in documents if each.name == name)


def test_a_document_shows_its_chunks_and_a_chosen_one_on_its_page(world: World) -> None:
    at = library(world, "searcher", d=of_name(world, "lectern-handbook.pdf"))
    shown = data_of(at, "document-cards")["items"]
    third = shown[2]

    fire(at, "document-cards", "open", {"id": third["id"], "wide": True})

    pages = data_of(at, "document-viewer")
    assert pages["page_count"] == 5
    assert pages["active"] == 2
    assert data_of(at, "document-cards")["active"] == third["id"]
    assert any(block.get("rows") for card in shown for block in card["blocks"]), "its table"


@pytest.mark.parametrize(("asked", "there"), [("3", 3), ("99", None), ("x", None), ("9" * 9, None)])
def test_an_address_with_a_page_opens_on_that_page(
    world: World, asked: str, there: int | None
) -> None:
    at = library(world, "searcher", d=of_name(world, "lectern-handbook.pdf"), p=asked)

    pages = data_of(at, "document-viewer")
    active = pages["active"]
    assert (None if active is None else pages["highlights"][active]["page"]) == there


def test_a_box_on_the_page_chooses_its_chunk(world: World) -> None:
    at = library(world, "searcher", d=of_name(world, "lectern-handbook.pdf"))

    fire(at, "document-viewer", "pick", {"index": 1, "at": time.time()})

    cards = data_of(at, "document-cards")
    assert cards["active"] == cards["items"][1]["id"]


def test_a_document_without_pages_shows_its_text(world: World) -> None:
    at = library(world, "searcher", d=of_name(world, "release-notes.md"))

    assert data_of(at, "document-cards")["items"]
    with pytest.raises(AssertionError, match="no component"):
        data_of(at, "document-viewer")


def test_a_subject_leaves_the_passages_that_name_it(world: World) -> None:
    at = library(world, "searcher", d=of_name(world, "lectern-handbook.pdf"))
    every = data_of(at, "document-cards")["items"]

    at.selectbox(key="document-subject").select_index(0).run()

    some = data_of(at, "document-cards")["items"]
    assert some
    assert len(some) <= len(every)
