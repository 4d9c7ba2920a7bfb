"""Models, choices and budgets are kept, on every database."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lectern.catalog.port import Catalog
from lectern.catalog.port_models import ModelBudget, ModelEntry
from lectern.catalog.port_usage import Used
from lectern.errors import InvalidRequest, NotFound

NEW = ModelEntry("", "Laptop", "chat", "http://127.0.0.1:11434/v1", "qwen3", sealed_key="sealed")


def test_an_entry_is_kept_as_it_was_given(empty_catalog: Catalog) -> None:
    made = empty_catalog.models.create(NEW)

    assert made == replace(NEW, model_id=made.model_id)
    assert made.model_id
    assert empty_catalog.models.get(made.model_id) == made
    assert empty_catalog.models.registry().entries == [made]
    assert "sealed" not in repr(made)


def test_what_an_embedder_needs_is_kept_to_the_last_space(empty_catalog: Catalog) -> None:
    wanted = replace(
        NEW, kind="embedding", dimensions=256, query_prefix="query: ", passage_prefix="passage:\n"
    )

    made = empty_catalog.models.create(wanted)
    changed = empty_catalog.models.change(replace(made, dimensions=0, query_prefix=""))

    assert replace(made, model_id="") == wanted
    assert empty_catalog.models.get(made.model_id) == changed
    assert (changed.dimensions, changed.query_prefix) == (0, "")


def test_names_are_unique_whatever_their_case(empty_catalog: Catalog) -> None:
    models = empty_catalog.models
    models.create(NEW)
    other = models.create(replace(NEW, name="Other"))

    with pytest.raises(InvalidRequest, match="'LAPTOP'"):
        models.create(replace(NEW, name="LAPTOP"))
    with pytest.raises(InvalidRequest, match="'laptop'"):
        models.change(replace(other, name="laptop"))


def test_of_two_changes_at_once_the_second_is_refused(empty_catalog: Catalog) -> None:
    models = empty_catalog.models
    made = models.create(NEW)

    changed = models.change(replace(made, model="qwen4", enabled=False))

    assert (changed.version, models.get(made.model_id)) == (2, changed)
    with pytest.raises(InvalidRequest) as refused:
        models.change(replace(made, model="llama"))
    assert refused.value.code == "model_changed"
    with pytest.raises(NotFound):
        models.change(replace(made, model_id="none"))


def test_choices_keep_their_order_and_go_with_their_model(empty_catalog: Catalog) -> None:
    models = empty_catalog.models
    first, second = models.create(NEW), models.create(replace(NEW, name="Other"))

    models.choose("answer", [second.model_id, first.model_id, "environment", second.model_id])
    models.choose("small", [first.model_id])

    chosen = models.registry().choices
    assert chosen["answer"] == [second.model_id, first.model_id, "environment"]
    models.delete(first.model_id)
    models.delete(first.model_id)
    assert models.registry().choices == {"answer": [second.model_id, "environment"]}
    models.choose("answer", [])
    assert models.registry().choices == {}


def test_a_budget_without_a_limit_is_forgotten(empty_catalog: Catalog) -> None:
    models = empty_catalog.models
    everybody = ModelBudget("user", tokens=1000)
    ada = ModelBudget("user", "ada", cost_micros=5_000_000)

    for budget in (ModelBudget("user", tokens=7), everybody, ada):
        models.set_budget(budget)

    assert models.registry().budgets == [everybody, ada]
    models.set_budget(ModelBudget("user"))
    assert models.registry().budgets == [ada]


def test_keys_are_sealed_anew_where_there_are_any(empty_catalog: Catalog) -> None:
    models = empty_catalog.models
    made = models.create(NEW)
    models.create(replace(NEW, name="Open", sealed_key=""))

    count = models.reseal(str.upper)

    assert count == 1
    assert models.get(made.model_id) == replace(made, sealed_key="SEALED", version=2)


def test_what_was_spent_is_added_up_for_one_user_and_one_collection(empty_catalog: Catalog) -> None:
    usage, today = empty_catalog.usage, datetime.now(UTC).date()
    since = today.replace(day=1)
    asked = Used(
        questions=1, prompt_tokens=10, completion_tokens=3, cost_micros=70, embedding_tokens=5
    )
    usage.add("ada", asked, collection_id="travel")
    usage.add("ada", asked)
    usage.add("bob", asked, collection_id="travel")

    mine = usage.total("ada", since=since, by="user")
    of_travel = usage.total("travel", since=since, by="collection")

    assert (
        mine
        == of_travel
        == Used(
            questions=2,
            prompt_tokens=20,
            completion_tokens=6,
            cost_micros=140,
            embedding_tokens=10,
        )
    )
    assert mine.tokens == 36
    assert usage.total("nobody", since=since, by="user") == Used()
