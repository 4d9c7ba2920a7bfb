"""The settings of a collection, and what they ask for before they reach its documents."""

import io
from collections.abc import Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from functions.catalog.wiring import dependencies
from lectern.api import (
    CollectionReply,
    CollectionSettingsChange,
    ModelEntryReply,
    ModelRequest,
)
from lectern.documents import new_id
from tests.provider.embeddings import ScriptedEmbeddings
from tests.web.conftest import World, page_of
from web.language import LANGUAGE_STATE


@pytest.fixture(autouse=True)
def _language_of_its_own() -> Iterator[None]:
    yield
    st.session_state.pop(LANGUAGE_STATE, None)


@pytest.fixture
def shelf(world: World) -> Iterator[CollectionReply]:
    collections = world.lectern("admin").collections
    made = collections.create(f"Settings {new_id()}")
    yield made
    collections.delete(made.collection_id, force=True)


def opened(world: World, shelf: CollectionReply, *, language: str = "en") -> AppTest:
    st.session_state[LANGUAGE_STATE] = language  # AppTest formats options outside of the page
    at = page_of(world, "admin", language=language)
    at.query_params["c"] = shelf.slug
    at = at.switch_page("app_pages/library.py")
    at.query_params["c"] = shelf.slug
    at.run()
    at.button(key="library-open-settings").click().run()
    assert not at.exception
    return at


def save(at: AppTest, label: str = "Save") -> None:
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception


def keys(at: AppTest) -> list[str]:
    return [str(button.key) for button in at.button]


def test_reading_differently_offers_to_read_the_documents_anew(
    world: World, shelf: CollectionReply
) -> None:
    lectern = world.lectern("admin")
    document = lectern.documents.upload(shelf.collection_id, io.BytesIO(b"hello"), name="a.txt")
    at = opened(world, shelf)

    at.number_input[0].set_value(96)
    save(at)
    at.button(key="collection-reprocess").click().run()

    assert lectern.collections.settings(shelf.slug).chunk_tokens == 96
    assert lectern.documents.get(document.document_id).revision == 2


def test_reading_an_empty_collection_differently_asks_for_nothing(
    world: World, shelf: CollectionReply
) -> None:
    at = opened(world, shelf)

    at.number_input[0].set_value(96)
    save(at)

    assert "collection-reprocess" not in keys(at)
    assert world.lectern("admin").collections.settings(shelf.slug).chunk_tokens == 96


def test_words_for_models_go_back_to_lecterns_own_and_nothing_else_changes(
    world: World, shelf: CollectionReply
) -> None:
    change = CollectionSettingsChange(answer_style="In verse.", prompt="We are pirates.")
    reset = "Back to Lectern\N{RIGHT SINGLE QUOTATION MARK}s own words"
    collections = world.lectern("admin").collections
    collections.change_settings(shelf.slug, change)
    at = opened(world, shelf)

    at.number_input[0].set_value(96)
    save(at, reset)

    settings = collections.settings(shelf.slug)
    assert (settings.answer_style, settings.prompt) == ("", "")
    assert settings.chunk_tokens is None
    labels = [button.label for button in opened(world, shelf).button]
    assert reset not in labels


def test_another_embedder_offers_to_embed_anew(world: World, shelf: CollectionReply) -> None:
    dependencies().catalog.collections.bind_embedder(
        shelf.collection_id, name="older", fingerprint="older", dimensions=4
    )
    at = opened(world, shelf)
    assert any("older" in warning.value for warning in at.warning)

    next(box for box in at.selectbox if box.label == "Embedding model").set_value("offline")
    save(at)
    at.button(key="collection-reembed").click().run()

    settings = world.lectern("admin").collections.settings(shelf.slug)
    assert (settings.embedder, settings.reembedding_needed) == ("offline", False)


def test_ocr_data_that_is_missing_is_told_in_korean(world: World, shelf: CollectionReply) -> None:
    change = CollectionSettingsChange(ocr_languages=["zzz"])
    world.lectern("admin").collections.change_settings(shelf.slug, change)

    at = opened(world, shelf, language="ko")

    assert any("OCR" in w.value and "zzz" in w.value for w in at.warning)
    assert at.multiselect[0].value == ["zzz"]


def test_only_parsers_that_are_configured_are_offered(world: World, shelf: CollectionReply) -> None:
    at = opened(world, shelf)

    (box,) = [box for box in at.selectbox if box.label == "Parser"]

    assert box.options == ["As installed", "Built in"]


def test_a_parser_that_is_gone_stays_chosen_and_is_told_in_korean(
    world: World, shelf: CollectionReply
) -> None:
    dependencies().catalog.collections.change_settings(shelf.collection_id, {"parser": "azure"})

    at = opened(world, shelf, language="ko")

    (box,) = [box for box in at.selectbox if box.label == "파서"]
    assert box.value == "azure"
    assert "요금" in box.options[-1]
    assert any("AZURE" in w.value and "다른 파서" in w.value for w in at.warning)
    save(at, "저장")
    assert world.lectern("admin").collections.settings(shelf.slug).parser == "azure"


@pytest.fixture
def multilingual(world: World) -> Iterator[ModelEntryReply]:
    models = world.lectern("admin").models
    with ScriptedEmbeddings().running() as provider:
        request = ModelRequest(
            name=f"Multilingual {new_id()}", kind="embedding", url=provider.url, model="e5"
        )
        made = models.create(request)
        yield made
        models.delete(made.model_id, force=True)


def test_a_model_of_the_registry_is_chosen_by_its_name_and_asks_to_embed_anew(
    world: World, shelf: CollectionReply, multilingual: ModelEntryReply
) -> None:
    dependencies().catalog.collections.bind_embedder(
        shelf.collection_id, name="offline/all-MiniLM-L6-v2", fingerprint="mini", dimensions=384
    )
    at = opened(world, shelf)
    box = next(box for box in at.selectbox if box.label == "Embedding model")
    assert multilingual.name in box.options

    box.set_value(multilingual.model_id)
    save(at)

    assert "collection-reembed" in keys(at)
    settings = world.lectern("admin").collections.settings(shelf.slug)
    assert (settings.embedder, settings.reembedding_needed) == (multilingual.model_id, True)
    assert [each.code for each in settings.warnings] == ["reembedding_needed"]


@pytest.mark.parametrize(
    ("language", "says"), [("en", "was removed or switched off"), ("ko", "삭제되었거나 꺼져")]
)
def test_a_model_that_is_gone_is_told_and_other_settings_can_still_be_saved(
    world: World,
    shelf: CollectionReply,
    multilingual: ModelEntryReply,
    language: str,
    says: str,
) -> None:
    lectern = world.lectern("admin")
    change = CollectionSettingsChange(embedder=multilingual.model_id)
    lectern.collections.change_settings(shelf.slug, change)
    lectern.models.delete(multilingual.model_id, force=True)

    at = opened(world, shelf, language=language)
    told = [warning.value for warning in at.warning]
    at.number_input[0].set_value(96)
    save(at, {"en": "Save", "ko": "저장"}[language])

    assert any(says in each for each in told)
    settings = lectern.collections.settings(shelf.slug)
    assert (settings.chunk_tokens, settings.embedder) == (96, multilingual.model_id)
