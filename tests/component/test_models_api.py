"""Models over HTTP: what administrators may do, and that no key ever comes back."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from functions.catalog.wiring import dependencies
from lectern.api import ModelRequest
from tests.component.catalog_world import World, running_world

KEY = "sk-nobody-may-see-this"
LAPTOP = {"name": "Laptop", "url": "http://127.0.0.1:11434/v1", "model": "qwen3", "key": KEY}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_RERANK_URL", "http://127.0.0.1:9/v1")
        patch.setenv("LECTERN_RERANK_MODEL", "judge-1")
        patch.setenv("LECTERN_RERANK_KEY", "sk-of-the-environment")
        with running_world(tmp_path_factory.mktemp("home")) as running:
            yield running


@pytest.fixture(autouse=True)
def empty_registry(world: World) -> Iterator[None]:
    yield
    for entry in world.needs.catalog.models.registry().entries:
        world.needs.catalog.models.delete(entry.model_id)


def call(world: World, method: str, path: str = "", **options: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {world.secrets['administrator']}"}
    return world.client.open(f"/v1/models{path}", method=method, headers=headers, **options)


def made(world: World, **fields: Any) -> dict[str, Any]:
    response = call(world, "POST", json=LAPTOP | fields)
    assert response.status_code == 201, response.text
    return dict(response.get_json())


def test_a_key_is_kept_sealed_and_never_returned_or_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    entry = made(world)
    listed = call(world, "GET").text
    changed = call(world, "PATCH", f"/{entry['model_id']}", json={"model": "qwen4"}).text
    stored = world.needs.catalog.models.get(entry["model_id"])

    assert entry["has_key"]
    assert stored is not None
    assert world.needs.seal().open(stored.sealed_key) == KEY
    for text in (str(entry), listed, changed, stored.sealed_key, caplog.text):
        assert KEY not in text
    database = world.needs.catalog.audit.list(limit=5)
    assert KEY not in str(database)


def test_the_first_model_serves_answers_and_the_second_does_not_push_in(world: World) -> None:
    first = made(world)
    made(world, name="Other")

    defaults = call(world, "GET", "/defaults").get_json()

    assert defaults == {
        "answer": [first["model_id"]],
        "small": [],
        "vision": [],
        "rerank": [],
        "embedding": [],
    }


def test_a_stored_key_does_not_follow_its_model_to_another_host(world: World) -> None:
    entry = made(world)
    path = f"/{entry['model_id']}"

    elsewhere = call(world, "PATCH", path, json={"url": "http://127.0.0.1:9999/v1"})
    with_key = call(world, "PATCH", path, json={"url": "http://127.0.0.1:9999/v1", "key": "new"})

    assert elsewhere.status_code == 400
    assert elsewhere.get_json()["code"] == "model_key_needed"
    assert with_key.status_code == 200


def test_models_of_the_environment_are_shown_and_not_edited(world: World) -> None:
    listed = call(world, "GET").get_json()["models"]
    [entry] = [e for e in listed if e["of_environment"] and e["kind"] == "rerank"]
    path = f"/{entry['model_id']}"

    refused = [
        call(world, "PATCH", path, json={"model": "x"}),
        call(world, "DELETE", path),
    ]

    assert (entry["model"], entry["kind"], entry["has_key"]) == ("judge-1", "rerank", None)
    assert "sk-of-the-environment" not in str(entry)
    assert {each.get_json()["code"] for each in refused} == {"model_of_environment"}
    chosen = call(world, "PUT", "/defaults", json={"rerank": [entry["model_id"]]})
    assert chosen.get_json()["rerank"] == [entry["model_id"]]
    call(world, "PUT", "/defaults", json={})


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"url": "file:///etc/passwd"}, id="no http"),
        pytest.param({"url": "http://169.254.169.254/latest"}, id="metadata"),
        pytest.param({"url": "http://100.100.100.200/latest"}, id="another cloud's metadata"),
        pytest.param({"url": "https://me:secret@127.0.0.1/v1"}, id="a password in it"),
        pytest.param({"kind": "rerank"}, id="a reranker of no kind"),
        pytest.param({"model": ""}, id="no model"),
        pytest.param({"timeout_s": 0}, id="no time"),
        pytest.param({"name": "laptop"}, id="a name that is taken"),
    ],
)
def test_what_makes_no_sense_is_refused(world: World, fields: dict[str, Any]) -> None:
    made(world)

    response = call(world, "POST", json=LAPTOP | {"name": "Other"} | fields)

    assert response.status_code == 400
    assert "secret" not in response.get_json()["detail"]
    assert KEY not in response.text


def test_a_use_takes_only_models_of_its_kind(world: World) -> None:
    entry = made(world)

    wrong_kind = call(world, "PUT", "/defaults", json={"rerank": [entry["model_id"]]})
    unknown = call(world, "PUT", "/defaults", json={"answer": ["nothing"]})

    assert wrong_kind.status_code == unknown.status_code == 400
    assert call(world, "GET", "/defaults").get_json()["rerank"] == []


EMBEDDING = {
    "name": "Small",
    "kind": "embedding",
    "url": "http://127.0.0.1:9/v1",
    "model": "e5",
    "key": KEY,
    "context_tokens": 512,
    "query_prefix": "query: ",
    "passage_prefix": "passage: ",
    "dimensions": 256,
}


def test_an_embedding_model_comes_back_as_it_was_given_but_for_its_key(world: World) -> None:
    entry = made(world, **EMBEDDING)

    changed = call(
        world, "PATCH", f"/{entry['model_id']}", json={"dimensions": 0, "query_prefix": ""}
    ).get_json()

    assert {name: entry[name] for name in EMBEDDING if name != "key"} == {
        name: value for name, value in EMBEDDING.items() if name != "key"
    }
    assert (changed["dimensions"], changed["query_prefix"]) == (0, "")
    assert changed["passage_prefix"] == "passage: "
    assert KEY not in str(entry) + str(changed)


def test_an_embedding_model_serves_nothing_until_it_is_chosen(world: World) -> None:
    entry = made(world, **EMBEDDING)
    before = call(world, "GET", "/defaults").get_json()["embedding"]

    chosen = call(
        world, "PUT", "/defaults", json={"embedding": [entry["model_id"], "offline"]}
    ).get_json()["embedding"]
    refused = call(world, "PUT", "/defaults", json={"answer": ["offline"]})

    assert (before, chosen) == ([], [entry["model_id"], "offline"])
    assert refused.status_code == 400
    call(world, "PUT", "/defaults", json={})


def test_the_embedder_in_lectern_is_an_entry_that_nobody_edits(world: World) -> None:
    [offline] = [e for e in call(world, "GET").get_json()["models"] if e["kind"] == "embedding"]

    removed = call(world, "DELETE", "/offline", query_string={"force": "true"})

    assert (offline["model_id"], offline["url"], offline["of_environment"]) == ("offline", "", True)
    assert removed.get_json()["code"] == "model_of_environment"


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"dimensions": -1}, id="fewer than no dimensions"),
        pytest.param({"query_prefix": "a\x00"}, id="a prefix that cannot be stored"),
        pytest.param({"passage_prefix": "x" * 501}, id="an endless prefix"),
        pytest.param({"context_tokens": 8}, id="no room for a text"),
        pytest.param({"model": ""}, id="no model"),
        pytest.param({"url": "http://169.254.169.254/v1"}, id="metadata"),
    ],
)
def test_an_embedding_model_that_makes_no_sense_is_refused(
    world: World, fields: dict[str, Any]
) -> None:
    assert call(world, "POST", json=EMBEDDING | fields).status_code == 400


def test_a_chat_model_keeps_a_context_to_write_in(world: World) -> None:
    entry = made(world)

    too_little = call(world, "POST", json=LAPTOP | {"name": "Other", "context_tokens": 512})
    made_less = call(world, "PATCH", f"/{entry['model_id']}", json={"context_tokens": 512})

    assert (too_little.status_code, made_less.status_code) == (400, 400)


def test_every_named_provider_of_embeddings_can_be_added_from_its_preset(world: World) -> None:
    presets = call(world, "GET", "/presets").get_json()["presets"]
    embedding = {each["preset"]: each for each in presets if each["kind"] == "embedding"}

    assert {name.removesuffix("-embedding") for name in embedding} == {
        "openai", "azure", "mistral", "cohere", "gemini", "ollama", "vllm", "llama-cpp",
        "lm-studio", "tei",
    }  # fmt: skip
    for each in embedding.values():
        request = ModelRequest.model_validate(
            {"name": each["label"], "kind": "embedding", "model": "m"}
            | {name: each[name] for name in ("url", "preset", "context_tokens")}
        )
        assert request.url.startswith("http")


def test_only_administrators_see_or_change_embedding_models(world: World) -> None:
    entry = made(world, **EMBEDDING)
    path = f"/v1/models/{entry['model_id']}"

    for who in ("owner", "viewer"):
        for method, body in (("PATCH", {"dimensions": 1}), ("DELETE", None)):
            assert world.call(method, path, who=who, json=body).status_code == 403
    assert world.call("GET", "/v1/models", who="owner").status_code == 403
    assert world.needs.catalog.models.get(entry["model_id"]) is not None


def test_an_owner_chooses_among_the_models_that_are_switched_on_and_sees_names_alone(
    world: World,
) -> None:
    on = made(world, **EMBEDDING)
    off = made(world, **EMBEDDING | {"name": "Off", "enabled": False})
    path = f"{world.shelf().path}/settings"

    chosen = world.call("PATCH", path, json={"embedder": on["model_id"]})
    refused = world.call("PATCH", path, json={"embedder": off["model_id"]})
    by_editor = world.call("PATCH", path, who="editor", json={"embedder": "offline"})

    choices = chosen.get_json()["choices"]["embedders"]
    assert [(each["embedder"], each["name"], each["default"]) for each in choices] == [
        ("offline", "offline/all-MiniLM-L6-v2", True),
        (on["model_id"], "Small", False),
    ]
    assert "127.0.0.1" not in chosen.text
    assert refused.get_json()["code"] == "embedder_not_configured"
    assert by_editor.status_code == 403


def test_budgets_are_set_and_taken_back(world: World) -> None:
    budget = {"subject": "user", "subject_id": "", "tokens": 1000, "cost": 2.5}

    set_to = call(world, "PUT", "/budgets", json=budget).get_json()
    after = call(world, "PUT", "/budgets", json={"subject": "user"}).get_json()

    assert set_to == {"budgets": [budget]}
    assert after == {"budgets": []}


def test_keys_are_sealed_anew_with_the_first_secret(world: World) -> None:
    entry = made(world)
    before = dependencies().catalog.models.get(entry["model_id"])

    renewed = call(world, "POST", "/keys/renew").get_json()

    after = dependencies().catalog.models.get(entry["model_id"])
    assert renewed == {"renewed": 1}
    assert before is not None
    assert after is not None
    assert after.sealed_key != before.sealed_key
    assert world.needs.seal().open(after.sealed_key) == KEY


def test_every_preset_has_an_address_that_a_model_can_be_made_with(world: World) -> None:
    presets = call(world, "GET", "/presets").get_json()["presets"]

    assert {"openai", "azure", "ollama", "cohere-rerank", "tei-rerank"} <= {
        each["preset"] for each in presets
    }
    for each in presets:
        assert each["url"].startswith(("https://", "http://127.0.0.1:"))
        assert (each["kind"] == "rerank") == (each["rerank_kind"] is not None)
