"""The Models page, on a real catalog and a scripted provider."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from lectern.api import ModelBudgetEntry, ModelDefaults, ModelRequest
from lectern.client.models import Models
from tests.provider.chat import ScriptedChat, refusal
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
    for entry in client.models.list():
        client.models.delete(entry.model_id)
    client.models.configured()
    client.close()


@pytest.fixture
def provider() -> Iterator[ScriptedChat]:
    with ScriptedChat(key=KEY).running() as running:
        yield running


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
    [entry] = models.list()
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

    [entry] = models.list()
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
