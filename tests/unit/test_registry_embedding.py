"""Which embedder embeds what: choices, fingerprints, stand-ins, budgets, cost."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lectern.catalog import migrate
from lectern.catalog.opening import open_database
from lectern.catalog.port import Catalog
from lectern.catalog.port_models import ModelBudget, ModelEntry
from lectern.catalog.port_usage import UsageBy, Used
from lectern.errors import InvalidRequest, PermanentError, RateLimited, TransientError
from lectern.models import Embedder
from lectern.models.registry import Models
from lectern.sealing import seal_of
from lectern.settings import Settings
from tests.provider.embeddings import Script, ScriptedEmbeddings

TEXTS = ["annual leave", "bread"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path)
    migrate(made)
    return made


@pytest.fixture
def catalog(settings: Settings) -> Iterator[Catalog]:
    opened = open_database(settings.resolved_database_url())
    yield opened
    opened.close()


@pytest.fixture
def models(settings: Settings, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> Models:
    monkeypatch.setattr("lectern.models.registry.FRESH_S", 0)
    return Models(settings, catalog, seal_of(settings))


@pytest.fixture
def providers() -> Iterator[list[ScriptedEmbeddings]]:
    with ExitStack() as stack:
        yield [stack.enter_context(ScriptedEmbeddings().running()) for _ in range(2)]


def entry(name: str, provider: ScriptedEmbeddings, **fields: object) -> ModelEntry:
    made = ModelEntry("", name, "embedding", provider.url, "small", timeout_s=5, prompt_price=20.0)
    return replace(made, **fields)  # type: ignore[arg-type]


def bound_to(models: Models, made: Embedder, **at: str) -> Embedder | None:
    return models.embedders(**at).bound(made.fingerprint, made.dimensions)


def spent(catalog: Catalog, subject: str, by: UsageBy) -> Used:
    since = datetime.now(UTC).date().replace(day=1)
    return catalog.usage.total(subject, since=since, by=by)


def test_without_a_choice_it_is_the_embedder_of_the_settings(models: Models) -> None:
    assert models.embedders().default_id == "offline"
    assert list(models.embedders().at_hand) == ["offline"]


def test_the_environments_endpoint_is_an_entry_of_its_own(
    settings: Settings, catalog: Catalog, providers: list[ScriptedEmbeddings]
) -> None:
    endpoint = {"embedding_url": providers[0].url, "embedding_model": "small"}
    both = Models(settings.model_copy(update=endpoint), catalog, seal_of(settings))
    served = Models(
        settings.model_copy(update=endpoint | {"embedder": "endpoint"}), catalog, seal_of(settings)
    )

    assert list(both.embedders().at_hand) == ["offline", "endpoint"]
    assert list(served.embedders().at_hand) == ["endpoint", "offline"]
    assert served.embedders().default.embed_passages(TEXTS).shape == (2, 32)


def test_a_model_of_the_same_server_and_name_as_the_environments_has_its_fingerprint(
    settings: Settings, catalog: Catalog, providers: list[ScriptedEmbeddings]
) -> None:
    endpoint = {"embedding_url": providers[0].url, "embedding_model": "small"}
    models = Models(settings.model_copy(update=endpoint), catalog, seal_of(settings))
    made = catalog.models.create(entry("Small", providers[0]))
    at_hand = models.embedders()

    assert at_hand.chosen("endpoint").fingerprint == at_hand.chosen(made.model_id).fingerprint


def test_an_incomplete_environment_says_what_is_missing(
    settings: Settings, catalog: Catalog
) -> None:
    incomplete = settings.model_copy(update={"embedder": "endpoint", "embedding_url": "http://x"})

    with pytest.raises(PermanentError, match="LECTERN_EMBEDDING_MODEL is empty") as refused:
        Models(incomplete, catalog, seal_of(settings))

    assert refused.value.code == "embedding_settings"


def test_a_choice_reaches_a_running_process_and_can_be_taken_back(
    models: Models, catalog: Catalog, providers: list[ScriptedEmbeddings]
) -> None:
    made = catalog.models.create(entry("Small", providers[0]))
    before = models.embedders().default_id

    catalog.models.choose("embedding", [made.model_id])
    chosen = models.embedders()
    catalog.models.change(replace(made, enabled=False))
    without = models.embedders()

    assert (before, chosen.default_id) == ("offline", made.model_id)
    assert chosen.default.name == "small"
    assert without.default_id == "offline"
    assert made.model_id not in without.at_hand


def test_the_bound_model_is_found_without_asking_any_endpoint(
    models: Models, catalog: Catalog, providers: list[ScriptedEmbeddings]
) -> None:
    first = catalog.models.create(entry("first", providers[0]))
    catalog.models.create(entry("second", providers[1]))
    made = models.embedders().chosen(first.model_id)
    fingerprint, dimensions = made.fingerprint, made.dimensions
    providers[0].requests.clear()

    found = models.embedders().bound(fingerprint, dimensions)

    assert found is not None
    assert (found.fingerprint, found.dimensions) == (fingerprint, 32)
    assert providers[0].requests == providers[1].requests == []
    assert found.embed_query("annual leave").shape == (32,)
    assert providers[1].requests == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"url": "http://127.0.0.1:9/v1"}, id="server"),
        pytest.param({"model": "large"}, id="model"),
        pytest.param({"dimensions": 16}, id="dimensions"),
        pytest.param({"query_prefix": "query: "}, id="query prefix"),
        pytest.param({"passage_prefix": "passage: "}, id="passage prefix"),
        pytest.param({"enabled": False}, id="switched off"),
    ],
)
def test_a_model_that_is_changed_embeds_its_collections_no_more(
    models: Models,
    catalog: Catalog,
    providers: list[ScriptedEmbeddings],
    change: dict[str, object],
) -> None:
    stored = catalog.models.create(entry("Small", providers[0]))
    made = models.embedders().chosen(stored.model_id)
    fingerprint, dimensions = made.fingerprint, made.dimensions

    catalog.models.change(replace(stored, **change))  # type: ignore[arg-type]

    assert models.embedders().bound(fingerprint, dimensions) is None


def test_a_new_key_price_name_or_time_limit_changes_nothing_for_collections(
    models: Models, catalog: Catalog, providers: list[ScriptedEmbeddings], settings: Settings
) -> None:
    stored = catalog.models.create(entry("Small", providers[0]))
    made = models.embedders().chosen(stored.model_id)
    made.embed_query("bread")
    key = seal_of(settings).close("sk-another")

    catalog.models.change(
        replace(stored, name="Other", sealed_key=key, prompt_price=1.0, timeout_s=9)
    )
    found = bound_to(models, made)

    assert found is not None
    found.embed_query("annual leave")
    assert providers[0].requests[-1].authorization == "Bearer sk-another"


def test_a_model_that_is_gone_says_what_to_do(models: Models) -> None:
    with pytest.raises(PermanentError, match="choose another one") as refused:
        models.embedders().chosen("0123456789abcdefghjk")

    assert refused.value.code == "embedder_mismatch"


def test_another_entry_of_the_same_model_stands_in(
    models: Models, catalog: Catalog, providers: list[ScriptedEmbeddings], settings: Settings
) -> None:
    seal = seal_of(settings)
    providers[0].key = "sk-good"
    ids = [
        catalog.models.create(entry(name, providers[0], sealed_key=seal.close(key))).model_id
        for name, key in (("good", "sk-good"), ("revoked", "sk-bad"))
    ]
    made = models.embedders().chosen(ids[0])
    found = models.embedders().bound(made.fingerprint, made.dimensions, first=ids[1])

    assert found is not None
    assert found.embed_passages(TEXTS).shape == (2, 32)
    asked = [each.authorization for each in providers[0].requests]
    assert asked[-2:] == ["Bearer sk-bad", "Bearer sk-good"]


def test_a_model_of_other_vectors_never_stands_in(
    models: Models, catalog: Catalog, providers: list[ScriptedEmbeddings]
) -> None:
    ids = [
        catalog.models.create(entry(name, provider)).model_id
        for name, provider in zip(("first", "second"), providers, strict=True)
    ]
    catalog.models.choose("embedding", ids)
    found = bound_to(models, models.embedders().chosen(ids[0]))
    providers[0].play(Script(status=401))

    assert found is not None
    with pytest.raises(PermanentError, match="entry 'first'"):
        found.embed_passages(TEXTS)
    assert providers[1].requests == []


def test_vectors_of_another_length_are_never_let_through(
    models: Models, catalog: Catalog, providers: list[ScriptedEmbeddings]
) -> None:
    stored = catalog.models.create(entry("Small", providers[0]))
    made = models.embedders().chosen(stored.model_id)
    fingerprint = made.fingerprint
    catalog.models.change(replace(stored, prompt_price=1.0))  # a fresh client, without a memory
    providers[0].play(Script(dimensions=48))

    found = models.embedders().bound(fingerprint, 32)

    assert found is not None
    with pytest.raises(PermanentError, match="48 dimensions") as refused:
        found.embed_passages(TEXTS)
    assert refused.value.code == "embedder_mismatch"


def test_what_is_embedded_is_counted_with_its_price(
    models: Models, catalog: Catalog, providers: list[ScriptedEmbeddings]
) -> None:
    stored = catalog.models.create(entry("Small", providers[0], prompt_price=0.02))
    providers[0].play(Script(tokens=1000))
    embedders = models.embedders(user_id="ada", collection_id="travel")

    embedders.chosen(stored.model_id).embed_passages(TEXTS)
    embedders.chosen(stored.model_id).embed_query("bread")
    embedders.chosen(stored.model_id).embed_query("bread")

    expected = Used(embedding_tokens=2000, cost_micros=40)
    assert spent(catalog, "ada", "user") == expected
    assert spent(catalog, "travel", "collection") == expected


def test_what_was_paid_before_a_call_fails_is_counted(
    models: Models, catalog: Catalog, providers: list[ScriptedEmbeddings]
) -> None:
    stored = catalog.models.create(entry("Small", providers[0]))
    providers[0].play(Script(tokens=50), Script(status=400))

    with pytest.raises(PermanentError):
        models.embedders(collection_id="travel").chosen(stored.model_id).embed_passages(["a"] * 65)

    assert spent(catalog, "travel", "collection").embedding_tokens == 50


@pytest.mark.parametrize(
    "budget",
    [
        pytest.param(ModelBudget("collection", "travel", tokens=100), id="tokens of all kinds"),
        pytest.param(ModelBudget("collection", cost_micros=2000), id="cost"),
        pytest.param(ModelBudget("user", "ada", tokens=100), id="the user's"),
    ],
)
def test_nothing_is_sent_when_a_budget_is_used_up(
    models: Models, catalog: Catalog, providers: list[ScriptedEmbeddings], budget: ModelBudget
) -> None:
    stored = catalog.models.create(entry("Small", providers[0]))
    catalog.models.set_budget(budget)
    catalog.usage.add("ada", Used(prompt_tokens=50), collection_id="travel")
    providers[0].play(Script(tokens=60), Script(tokens=60), Script(tokens=1))
    embedder = models.embedders(user_id="ada", collection_id="travel").chosen(stored.model_id)
    embedder.embed_passages(TEXTS)
    embedder.embed_query("bread") if budget.cost_micros else None
    sent = len(providers[0].requests)

    with pytest.raises(RateLimited) as refused:
        embedder.embed_passages(TEXTS)

    assert refused.value.code == "budget_used_up"
    assert len(providers[0].requests) == sent
    assert models.embedders().default.embed_passages(TEXTS).shape == (2, 384), "this one is free"


def test_an_address_that_is_not_allowed_is_not_asked(
    settings: Settings, catalog: Catalog, providers: list[ScriptedEmbeddings]
) -> None:
    stored = catalog.models.create(entry("Small", providers[0]))
    public_only = settings.model_copy(update={"private_model_endpoints": False})
    embedders = Models(public_only, catalog, seal_of(settings)).embedders()

    with pytest.raises(InvalidRequest) as refused:
        embedders.chosen(stored.model_id).embed_query("bread")

    assert refused.value.code == "model_address"
    assert providers[0].requests == []


def test_a_dead_server_is_transient(models: Models, catalog: Catalog) -> None:
    dead = ModelEntry("", "dead", "embedding", "http://127.0.0.1:9/v1", "m", timeout_s=0.5)
    stored = catalog.models.create(dead)

    with pytest.raises(TransientError, match="entry 'dead'"):
        models.embedders().chosen(stored.model_id).embed_query("bread")
