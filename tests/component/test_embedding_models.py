"""Embedding models from the registry at work: every function, a broker, scripted endpoints."""

import io
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from lectern.api import (
    AnswerRequest,
    CollectionSettingsChange,
    DocumentReply,
    ModelBudgetEntry,
    ModelChange,
    ModelDefaults,
    ModelEntryReply,
    ModelRequest,
    SearchReply,
    SearchRequest,
    UsageEntry,
    UsageQuery,
)
from lectern.catalog import open_catalog
from lectern.cli.root import cli
from lectern.client import Lectern
from lectern.documents import new_id
from lectern.errors import InvalidRequest, TransientError
from lectern.events import MaintenanceDue
from lectern.local.home import Home
from lectern.local.inprocess import InProcess
from lectern.publishing import HttpPublisher
from lectern.settings import Settings
from tests.provider.embeddings import Script, ScriptedEmbeddings

FUNCTIONS = (
    "intake", "parse", "embed", "graph_extract", "retrieve", "answer", "catalog", "maintain",
)  # fmt: skip
WHEELS = b"The wheels of the cart are made of oak and bound with iron."
BREAD = b"Bread dough rests for two hours before it is baked in the oven."
BARRELS = b"The cooper binds barrels of oak with hoops of iron."
QUIET_S = 120.0


@dataclass(frozen=True)
class Running:
    """Lectern in this process, and two endpoints that embed."""

    process: InProcess
    first: ScriptedEmbeddings
    second: ScriptedEmbeddings

    @property
    def lectern(self) -> Lectern:
        return self.process.lectern

    def model(self, provider: ScriptedEmbeddings, **fields: Any) -> ModelEntryReply:
        """Add an embedding model of a name of its own."""
        request = {
            "name": f"Model {new_id()}",
            "kind": "embedding",
            "url": provider.url,
            "model": "small",
            "timeout_s": 5,
        }
        return self.lectern.models.create(ModelRequest.model_validate(request | fields))

    def collection(self, embedder: ModelEntryReply | None = None) -> str:
        """Return the id of a new collection that is set to a model."""
        made = self.lectern.collections.create(f"Collection {new_id()}")
        if embedder is not None:
            self.choose(made.collection_id, embedder.model_id)
        return made.collection_id

    def choose(self, collection_id: str, embedder: str) -> None:
        change = CollectionSettingsChange(embedder=embedder)
        self.lectern.collections.change_settings(collection_id, change)

    def upload(self, collection_id: str, data: bytes, name: str = "a.txt") -> DocumentReply:
        """Upload a text and wait until nothing happens any more."""
        file = io.BytesIO(data)
        document = self.lectern.documents.upload(collection_id, file, name=name)
        assert self.process.broker.wait_quiet(QUIET_S)
        return self.lectern.documents.get(document.document_id)

    def search(self, query: str, *collections: str, **fields: Any) -> SearchReply:
        return self.lectern.search(
            SearchRequest(query=query, collections=list(collections), **fields)
        )

    def embedded(self, collection_id: str) -> str:
        return self.lectern.collections.get(collection_id).embedder

    def sweep(self) -> None:
        publisher = HttpPublisher(os.environ["K_SINK"], source="/lectern/test")
        publisher.publish(MaintenanceDue(task="sweep"))
        assert self.process.broker.wait_quiet(QUIET_S)

    def used(self, collection_id: str) -> UsageEntry:
        entries = self.lectern.usage.report(UsageQuery(by="collection")).entries
        return next(each for each in entries if each.subject_id == collection_id)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home: Path = tmp_path_factory.mktemp("home")
    before = dict(os.environ)
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("LECTERN_HOME", str(home))
        patch.setenv("LECTERN_STUCK_AFTER_S", "0")
        patch.setattr("lectern.models.registry.FRESH_S", 0)
        _forget()
        first, second = (stack.enter_context(ScriptedEmbeddings().running()) for _ in range(2))
        process = stack.enter_context(InProcess())
        yield Running(process, first, second)
        assert process.broker.wait_quiet(QUIET_S)
    _forget()
    os.environ.clear()
    os.environ.update(before)


def _forget() -> None:
    """Let functions be made anew: each keeps what it opened for the process."""
    for name in FUNCTIONS:
        for made in vars(import_module(f"functions.{name}.wiring")).values():
            if hasattr(made, "cache_clear"):
                made.cache_clear()
    open_catalog.cache_clear()


@pytest.fixture(autouse=True)
def as_before(running: Running) -> Iterator[None]:
    yield
    for provider in (running.first, running.second):
        provider.play(Script())
        provider.key = ""
        provider.requests.clear()
    models = running.lectern.models
    models.set_defaults(ModelDefaults())
    for budget in models.budgets():
        models.set_budget(ModelBudgetEntry(subject=budget.subject, subject_id=budget.subject_id))
    for collection in running.lectern.collections.list():
        running.lectern.collections.delete(collection.collection_id, force=True)
    for entry in models.list():
        if not entry.of_environment:
            models.delete(entry.model_id)


def test_collections_of_different_models_are_searched_together(running: Running) -> None:
    running.second.play(Script(dimensions=48))
    carts = running.collection(running.model(running.first, model="one"))
    baking = running.collection(running.model(running.second, model="two"))
    plain = running.collection()
    states = [
        running.upload(carts, WHEELS).state.value,
        running.upload(baking, BREAD).state.value,
        running.upload(plain, BARRELS).state.value,
    ]
    running.first.requests.clear()
    running.second.requests.clear()

    found = running.search("oak wheels iron", carts, baking, plain)
    both = running.search("bread dough oven", carts, baking, mode="vector")

    assert states == ["ready"] * 3
    assert [running.embedded(each) for each in (carts, baking)] == ["one", "two"]
    assert found.warnings == both.warnings == []
    best = {passage.collection_id for passage in found.passages[:2]}
    assert best == {carts, plain}
    assert both.passages[0].collection_id == baking
    assert all("vector" in each.relevances for each in both.passages)
    assert [each.texts for each in running.first.requests] == [
        ["oak wheels iron"],
        ["bread dough oven"],
    ]
    assert len(running.second.requests) == 2


def test_a_collection_goes_over_to_another_model_when_it_is_embedded_anew(
    running: Running,
) -> None:
    before = running.model(running.first, model="one")
    after = running.model(running.second, model="two", query_prefix="q: ", passage_prefix="p: ")
    carts = running.collection(before)
    running.upload(carts, WHEELS)

    running.choose(carts, after.model_id)
    waiting = running.lectern.collections.settings(carts)
    until_then = running.search("oak wheels", carts, mode="vector")
    asked_of_second = list(running.second.requests)
    running.lectern.collections.reembed(carts)
    assert running.process.broker.wait_quiet(QUIET_S)
    settled = running.lectern.collections.settings(carts)
    found = running.search("oak wheels", carts, mode="vector")

    assert waiting.reembedding_needed
    assert [each.code for each in waiting.warnings] == ["reembedding_needed"]
    assert until_then.passages
    assert until_then.warnings == []
    assert asked_of_second == []
    assert (settled.reembedding_needed, settled.warnings) == (False, [])
    assert running.embedded(carts) == "two"
    assert found.passages[0].text == WHEELS.decode()
    sent = [text for each in running.second.requests for text in each.texts]
    assert f"p: {WHEELS.decode()}" in sent
    assert sent[-1] == "q: oak wheels"


def test_new_collections_get_the_default_and_others_keep_theirs(running: Running) -> None:
    old = running.collection()
    running.upload(old, WHEELS)
    chosen = running.model(running.first, model="one")
    running.lectern.models.set_defaults(ModelDefaults(embedding=[chosen.model_id]))

    new = running.collection()
    running.upload(new, BREAD)
    again = running.upload(old, BREAD, name="b.txt")

    assert running.embedded(new) == "one"
    assert running.embedded(old).startswith("offline/")
    assert again.state.value == "ready"
    [default] = [
        each for each in running.lectern.collections.settings(new).choices.embedders if each.default
    ]
    assert default.embedder == chosen.model_id
    assert running.lectern.collections.settings(old).reembedding_needed


def test_answers_are_checked_with_the_default_model(running: Running) -> None:
    chosen = running.model(running.first, model="one")
    running.lectern.models.set_defaults(ModelDefaults(embedding=[chosen.model_id]))
    carts = running.collection()
    running.upload(carts, WHEELS)
    running.first.requests.clear()

    reply = running.lectern.answer_once(
        AnswerRequest(question="What are the wheels made of?", collections=[carts])
    )

    assert "oak" in reply.answer
    assert reply.warnings == []
    assert len(running.first.requests) > 1, "the search, and the comparison of sentences"
    models = running.lectern.models.configured()
    assert [(each.role, each.name) for each in models] == [("embedder", "one")]


def test_answers_do_not_end_with_the_key_of_their_model(running: Running) -> None:
    chosen = running.model(running.first, model="one", key=SecretStr("sk-of-the-endpoint"))
    running.lectern.models.set_defaults(ModelDefaults(embedding=[chosen.model_id]))
    carts = running.collection()
    running.upload(carts, WHEELS)
    catalog = open_catalog(Settings())
    stored = catalog.models.get(chosen.model_id)
    assert stored is not None
    catalog.models.change(replace(stored, sealed_key="sealed by somebody else"))

    reply = running.lectern.answer_once(
        AnswerRequest(question="What are the wheels made of?", collections=[carts])
    )

    assert "oak" in reply.answer
    assert [each.code for each in reply.warnings] == ["embedder_failed", "compared_by_words"]
    assert {each.parameters["reason"] for each in reply.warnings} == {"secret_unreadable"}


def test_a_key_reaches_its_endpoint_and_nobody_else(running: Running) -> None:
    running.first.key = "sk-of-the-endpoint"
    made = running.model(running.first, key=SecretStr("sk-of-the-endpoint"))
    carts = running.collection(made)

    document = running.upload(carts, WHEELS)

    assert document.state.value == "ready"
    assert {each.authorization for each in running.first.requests} == {"Bearer sk-of-the-endpoint"}
    assert "sk-of" not in running.lectern.models.list()[-1].model_dump_json()


def test_a_revoked_key_fails_documents_and_leaves_searches_to_words(running: Running) -> None:
    made = running.model(running.first)
    carts = running.collection(made)
    running.upload(carts, WHEELS)
    running.first.key = "sk-another"

    failed = running.upload(carts, BREAD, name="b.txt")
    found = running.search("oak wheels", carts)

    assert failed.failure is not None
    assert failed.failure.code == "embedding_unauthorized"
    assert f"entry {made.name!r}" in failed.failure.detail
    assert [each.code for each in found.warnings] == ["embedder_failed"]
    assert found.passages[0].text == WHEELS.decode()


@pytest.mark.parametrize("what", ["removed", "switched off", "changed"])
def test_a_model_that_is_gone_leaves_a_way_out(running: Running, what: str) -> None:
    made = running.model(running.first, model="one")
    carts = running.collection(made)
    running.upload(carts, WHEELS)
    models = running.lectern.models
    if what == "removed":
        models.delete(made.model_id, force=True)
    elif what == "switched off":
        models.change(made.model_id, ModelChange(enabled=False))
    else:
        models.change(made.model_id, ModelChange(passage_prefix="passage: "))

    failed = running.upload(carts, BREAD, name="b.txt")
    found = running.search("oak wheels", carts)
    if what != "changed":
        with pytest.raises(InvalidRequest) as refused:
            running.lectern.collections.reembed(carts)
        assert refused.value.code == "embedder_not_configured"
        running.choose(carts, "offline")
    running.lectern.collections.reembed(carts)
    assert running.process.broker.wait_quiet(QUIET_S)

    assert failed.failure is not None
    assert failed.failure.code == "embedder_mismatch"
    assert "lectern reembed --collection" in failed.failure.detail
    assert [each.code for each in found.warnings] == ["embedder_differs"]
    assert running.lectern.documents.get(failed.document_id).state.value == "ready"
    assert running.search("oak wheels", carts).warnings == []


def test_a_model_that_collections_need_is_not_removed_by_the_way(running: Running) -> None:
    models = running.lectern.models
    made = running.model(running.first, model="one")
    bound, intended = running.collection(made), running.collection(made)
    running.upload(bound, WHEELS)
    names = [running.lectern.collections.get(each).name for each in (bound, intended)]

    with pytest.raises(InvalidRequest, match="2 collection") as refused:
        models.delete(made.model_id)
    twin = running.model(running.first, model="one")
    with pytest.raises(InvalidRequest, match="1 collection") as still:
        models.delete(made.model_id)
    running.choose(intended, twin.model_id)
    models.delete(made.model_id)

    assert refused.value.code == still.value.code == "model_needed"
    assert all(name in refused.value.detail for name in names)
    assert running.search("oak wheels", bound, mode="vector").warnings == []


def test_a_used_up_budget_holds_documents_until_it_is_raised(running: Running) -> None:
    made = running.model(running.first, prompt_price=2.0)
    running.first.play(Script(tokens=1000))
    carts = running.collection(made)
    running.lectern.models.set_budget(
        ModelBudgetEntry(subject="collection", subject_id=carts, cost=0.001)
    )
    ready = running.upload(carts, WHEELS)
    sent = len(running.first.requests)
    letters = running.lectern.dead_letters.list()

    held = running.upload(carts, BREAD, name="b.txt")
    running.sweep()
    still = running.lectern.documents.get(held.document_id)
    with pytest.raises(TransientError, match="budget") as patience:
        running.lectern.documents.wait(held.document_id)
    by_words = running.search("oak wheels", carts)

    assert ready.state.value == "ready"
    assert (running.used(carts).embedding_tokens, running.used(carts).cost_micros) == (1000, 2000)
    assert held.state.value == still.state.value == "embedding"
    assert held.failure is None
    assert held.held is not None
    assert held.held.code == patience.value.code == "held_by_budget"
    listed = {each.document_id: each for each in running.lectern.documents.all(carts)}
    assert (listed[held.document_id].held, listed[ready.document_id].held) == (held.held, None)
    warnings = {each.code: each.parameters for each in by_words.warnings}
    assert warnings == {
        "embedder_failed": {"reason": "budget_used_up"},
        "still_being_read": {"count": 1},
    }
    assert len(running.first.requests) == sent, "nothing was sent beyond the budget"
    assert running.lectern.dead_letters.list() == letters

    running.lectern.models.set_budget(
        ModelBudgetEntry(subject="collection", subject_id=carts, cost=1.0)
    )
    running.sweep()
    done = running.lectern.documents.get(held.document_id)
    assert (done.state.value, done.held) == ("ready", None)


def test_a_trial_tells_the_dimensions(running: Running) -> None:
    models = running.lectern.models
    running.first.play(Script(dimensions=48))
    made = running.model(running.first)
    running.second.play(Script(status=404))
    other = ModelRequest(name="x", kind="embedding", url=running.second.url, model="none")

    stored = models.test(model_id=made.model_id)
    offline = models.test(model_id="offline")
    not_stored = models.test(model=other)

    assert (stored.role, stored.reachable, stored.dimensions) == ("embedder", True, 48)
    assert (offline.reachable, offline.dimensions) == (True, 384)
    assert not not_stored.reachable
    assert "knows no model 'none'" in not_stored.detail


def test_chunks_are_as_long_as_the_model_takes(running: Running) -> None:
    short = running.collection(running.model(running.first, context_tokens=64))
    text = " ".join(f"Sentence number {number} speaks of oak." for number in range(60)).encode()

    document = running.upload(short, text)

    assert document.chunks > 5
    assert all(len(text) < 64 * 6 for each in running.first.requests for text in each.texts)


def command(capsys: pytest.CaptureFixture[str], running: Running, *arguments: str) -> Any:
    """Run a command against the functions of this test; return what it prints."""
    lectern = ("--server", os.environ["LECTERN_FUNCTION_URL"])
    token = ("--token", Home(Settings().home).owner_token())
    with pytest.raises(SystemExit) as ended:
        cli.main([*arguments, *lectern, *token])
    assert ended.value.code in (0, None), capsys.readouterr().err
    del running
    return capsys.readouterr().out


def test_models_are_added_chosen_and_removed_at_the_command_line(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    command(
        capsys, running, "models", "add", "Multilingual", "--preset", "tei-embedding",
        "--url", running.first.url, "--model", "e5", "--query-prefix", "query: ",
        "--dimensions", "16", "--price", "0.02",
    )  # fmt: skip
    tried = command(capsys, running, "models", "test", "Multilingual")
    command(capsys, running, "models", "default", "embedding", "Multilingual", "offline")
    carts = running.collection()
    slug = running.lectern.collections.get(carts).slug
    command(capsys, running, "collections", "set", slug, "--embedder", "Multilingual")
    listed = command(capsys, running, "models", "list")

    [entry] = [each for each in running.lectern.models.list() if not each.of_environment]
    assert (entry.kind, entry.context_tokens, entry.timeout_s) == ("embedding", 512, 60.0)
    assert (entry.query_prefix, entry.dimensions, entry.prompt_price) == ("query: ", 16, 0.02)
    assert "16 dimensions" in tried
    assert running.lectern.models.defaults().embedding == [entry.model_id, "offline"]
    assert running.lectern.collections.settings(carts).embedder == entry.model_id
    assert f"{entry.model_id}  embedding  Multilingual" in listed
    command(capsys, running, "models", "remove", "Multilingual", "--force")
    assert all(each.of_environment for each in running.lectern.models.list())


def test_ingest_does_not_wait_for_a_budget_of_next_month(
    running: Running, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    carts = running.collection(running.model(running.first))
    running.lectern.models.set_budget(
        ModelBudgetEntry(subject="collection", subject_id=carts, tokens=0)
    )
    file = tmp_path / "carts.txt"
    file.write_bytes(WHEELS)
    token = Home(Settings().home).owner_token()
    name = running.lectern.collections.get(carts).name

    with pytest.raises(SystemExit) as ended:
        cli.main(
            ["ingest", str(file), "--collection", name, "--wait", "--json",
             "--server", os.environ["LECTERN_FUNCTION_URL"], "--token", token]
        )  # fmt: skip
    printed = capsys.readouterr()

    assert ended.value.code == 1
    assert "waits:" in printed.err
    assert "budget" in json.loads(printed.out)["documents"][0]["reason"]
