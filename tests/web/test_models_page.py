"""The Models page, on a real catalog and a scripted provider."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from lectern.api import (
    CollectionSettingsChange,
    ModelBudgetEntry,
    ModelDefaults,
    ModelEntryReply,
    ModelRequest,
)
from lectern.client.models import Models
from lectern.documents import new_id
from tests.provider.chat import ScriptedChat, refusal
from tests.provider.embeddings import Script, ScriptedEmbeddings
from tests.web.conftest import World, page_of

KEY = "sk-of-the-models-page"


@pytest.fixture
def models(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Models]:
    """What the page edits; nothing of it is left behind."""
    monkeypatch.setattr("lectern.models.registry.FRESH_S", 0)
    client = world.lectern("admin")
    yield client.models
    for budget in client.models.budgets():
        empty = ModelBudgetEntry(subject=budget.subject, subject_id=budget.subject_id)
        client.models.set_budget(empty)
    client.models.set_defaults(ModelDefaults())
    for entry in added(client.models):
        client.models.delete(entry.model_id, force=True)
    client.models.configured()
    client.close()


@pytest.fixture
def provider() -> Iterator[ScriptedChat]:
    with ScriptedChat(key=KEY).running() as running:
        yield running


def added(models: Models) -> list[ModelEntryReply]:
    """Return what is not of the environment."""
    return [entry for entry in models.list() if not entry.of_environment]


def texts(at: AppTest) -> str:
    shown = [*at.markdown, *at.subheader, *at.caption, *at.success, *at.error, *at.text]
    return "\n".join(str(each.value) for each in shown)


def press_in_dialog(at: AppTest, label: str) -> None:
    """Press a button of the model's form; others of that label stand elsewhere on the page."""
    [button] = [b for b in at.button if b.label == label and b.form_id == "model-form"]
    button.click().run()


def test_without_a_model_the_page_says_what_answers_are_made_of(world: World) -> None:
    at = page_of(world, "admin", "models")

    assert not at.exception
    assert "Quoted sentences" in texts(at)
    assert at.button(key="model-add")


def test_a_model_is_added_from_a_preset_tried_and_saved(
    world: World, models: Models, provider: ScriptedChat
) -> None:
    at = page_of(world, "admin", "models")
    at.button(key="model-add").click().run()
    at.selectbox(key="model-preset").select_index(7).run()
    fields = {each.label: each for each in at.text_input}
    assert fields["Address"].value == "http://127.0.0.1:11434/v1"
    fields["Name"].input("Laptop")
    fields["Address"].input(provider.url)
    fields["Model"].input("qwen3")
    fields["Key"].input(KEY)

    press_in_dialog(at, "Test")

    assert "It answers" in texts(at)
    press_in_dialog(at, "Save")
    [entry] = added(models)
    assert (entry.name, entry.model, entry.has_key) == ("Laptop", "qwen3", True)
    assert models.defaults().answer == [entry.model_id]


def test_what_is_wrong_with_a_model_is_said_in_words(
    world: World, models: Models, provider: ScriptedChat
) -> None:
    provider.play(refusal(401))
    request = ModelRequest(name="Laptop", url=provider.url, model="qwen3", key=SecretStr(KEY))
    entry = models.create(request)
    at = page_of(world, "admin", "models")

    at.button(key=f"test-{entry.model_id}").click().run()

    assert "The model does not answer." in texts(at)
    assert "the key of entry 'Laptop'" in texts(at)
    assert KEY not in texts(at)


def test_a_stored_key_is_not_shown_when_its_model_is_edited(
    world: World, models: Models, provider: ScriptedChat
) -> None:
    made = models.create(
        ModelRequest(name="Laptop", url=provider.url, model="qwen3", key=SecretStr(KEY))
    )
    at = page_of(world, "admin", "models")
    at.button(key=f"edit-{made.model_id}").click().run()
    fields = {each.label: each for each in at.text_input}
    assert fields["Key"].value == ""
    fields["Model"].input("qwen4")

    press_in_dialog(at, "Save")

    [entry] = added(models)
    assert (entry.model, entry.has_key) == ("qwen4", True)


def test_choices_and_budgets_are_shown_in_korean_too(
    world: World, models: Models, provider: ScriptedChat
) -> None:
    made = models.create(ModelRequest(name="노트북", url=provider.url, model="qwen3"))
    models.set_defaults(ModelDefaults(answer=[made.model_id], small=[made.model_id]))
    models.set_budget(ModelBudgetEntry(subject="user", tokens=1000, cost=2.5))

    at = page_of(world, "admin", "models", language="ko")

    assert not at.exception
    assert at.multiselect(key="model-use-small").value == [made.model_id]
    assert "1,000" in texts(at)
    assert "각 사용자" in texts(at)


def test_a_budget_can_be_taken_back(world: World, models: Models, provider: ScriptedChat) -> None:
    models.create(ModelRequest(name="Laptop", url=provider.url, model="qwen3"))
    models.set_budget(ModelBudgetEntry(subject="collection", tokens=1000))
    at = page_of(world, "admin", "models")

    at.button(key="budget-remove-0").click().run()

    assert models.budgets() == []


@pytest.fixture
def embeddings() -> Iterator[ScriptedEmbeddings]:
    with ScriptedEmbeddings(Script(dimensions=48)).running() as running:
        yield running


def embedding_model(provider: ScriptedEmbeddings) -> ModelRequest:
    return ModelRequest(name="Multilingual", kind="embedding", url=provider.url, model="e5")


def test_an_embedding_model_is_added_with_prefixes_and_its_dimensions_are_shown(
    world: World, models: Models, embeddings: ScriptedEmbeddings
) -> None:
    at = page_of(world, "admin", "models")
    at.button(key="model-add").click().run()
    labels = at.selectbox(key="model-preset").options
    place = next(n for n, each in enumerate(labels) if each == "Ollama · Finds by meaning")
    at.selectbox(key="model-preset").select_index(place).run()
    fields = {each.label: each for each in at.text_input}
    numbers = {each.label: each for each in at.number_input}
    assert numbers["Longest input (tokens)"].value == 2048
    fields["Name"].input("Multilingual")
    fields["Address"].input(embeddings.url)
    fields["Model"].input("e5")
    fields["Before each question"].input("query: ")
    fields["Before each passage"].input("passage: ")

    press_in_dialog(at, "Test")

    assert "48 dimensions" in texts(at)
    press_in_dialog(at, "Save")
    [entry] = added(models)
    assert (entry.kind, entry.preset, entry.timeout_s) == ("embedding", "ollama-embedding", 60.0)
    assert (entry.query_prefix, entry.passage_prefix) == ("query: ", "passage: ")
    assert models.defaults().embedding == [], "nobody's collections change by adding a model"


def test_an_endpoint_of_no_known_provider_can_embed(world: World, models: Models) -> None:
    at = page_of(world, "admin", "models")
    at.button(key="model-add").click().run()

    at.segmented_control(key="model-kind").set_value("embedding").run()

    assert not at.exception
    assert "Before each passage" in [each.label for each in at.text_input]


def test_new_collections_get_what_is_chosen_here(
    world: World, models: Models, embeddings: ScriptedEmbeddings
) -> None:
    made = models.create(embedding_model(embeddings))
    at = page_of(world, "admin", "models")

    at.multiselect(key="model-use-embedding").set_value([made.model_id])
    next(b for b in at.button if b.form_id == "model-choices").click().run()

    assert models.defaults().embedding == [made.model_id]


def test_a_model_that_collections_need_is_removed_after_a_second_question(
    world: World, models: Models, embeddings: ScriptedEmbeddings
) -> None:
    made = models.create(embedding_model(embeddings))
    collections = world.lectern("admin").collections
    shelf = collections.create(f"Needs it {new_id()}")
    change = CollectionSettingsChange(embedder=made.model_id)
    collections.change_settings(shelf.collection_id, change)
    at = page_of(world, "admin", "models")

    at.button(key=f"remove-{made.model_id}").click().run()

    assert len(added(models)) == 1
    assert shelf.name in texts(at)
    at.button(key=f"remove-needed-{made.model_id}").click().run()
    assert added(models) == []
    warnings = collections.settings(shelf.collection_id).warnings
    assert [each.code for each in warnings] == ["embedder_removed"]
    collections.delete(shelf.collection_id)


def test_the_embedder_in_lectern_is_shown_and_cannot_be_removed_in_korean_too(
    world: World, models: Models
) -> None:
    at = page_of(world, "admin", "models", language="ko")

    assert not at.exception
    assert "Lectern 내부(오프라인)" in texts(at)
    assert "의미 검색" in texts(at)
    assert "remove-offline" not in [str(button.key) for button in at.button]
