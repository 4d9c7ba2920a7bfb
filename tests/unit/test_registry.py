"""Which model answers: choices, fallbacks, budgets."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from lectern.catalog import migrate
from lectern.catalog.opening import open_database
from lectern.catalog.port import Catalog
from lectern.catalog.port_models import ModelBudget, ModelEntry
from lectern.catalog.port_usage import Used
from lectern.errors import InvalidRequest, PermanentError, RateLimited, TransientError
from lectern.models import ChatMessage
from lectern.models.registry import Models
from lectern.models.registry_budgets import Allowance, Spending
from lectern.models.registry_chat import Candidate, ChosenChat
from lectern.sealing import Seal, seal_of
from lectern.settings import Settings
from tests.provider.chat import Script, ScriptedChat, refusal
from tests.provider.rerank import ScriptedReranker

ASKED = [ChatMessage("user", "How many days?")]


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
def seal(settings: Settings) -> Seal:
    return seal_of(settings)


@pytest.fixture
def providers() -> Iterator[list[ScriptedChat]]:
    with ExitStack() as stack:
        yield [stack.enter_context(ScriptedChat().running()) for _ in range(2)]


def entry(name: str, provider: ScriptedChat, **fields: object) -> ModelEntry:
    made = ModelEntry("", name, "chat", provider.url, f"model-{name}", timeout_s=10)
    return replace(made, **fields)  # type: ignore[arg-type]


def said(chat: ChosenChat | None) -> str:
    assert chat is not None
    return "".join(delta.text for delta in chat.reply(ASKED, timeout_s=10).deltas)


def both(catalog: Catalog, providers: list[ScriptedChat], **fields: object) -> list[ModelEntry]:
    made = [
        catalog.models.create(entry(name, provider, **fields))
        for name, provider in zip(("first", "second"), providers, strict=True)
    ]
    catalog.models.choose("answer", [each.model_id for each in made])
    return made


def test_without_any_entry_there_is_no_model(
    settings: Settings, catalog: Catalog, seal: Seal
) -> None:
    models = Models(settings, catalog, seal)

    assert models.chat("answer") is None
    assert models.chat("small") is None
    assert models.reranker() is None


@pytest.mark.parametrize("status", [401, 404, 503])
def test_the_next_model_answers_when_the_first_fails_before_its_first_token(
    settings: Settings, catalog: Catalog, seal: Seal, providers: list[ScriptedChat], status: int
) -> None:
    providers[0].play(refusal(status))
    providers[1].play(Script(text="Twenty days."))
    both(catalog, providers)
    chat = Models(settings, catalog, seal).chat("answer")
    assert chat is not None

    reply = chat.reply(ASKED, timeout_s=10)

    assert "".join(delta.text for delta in reply.deltas) == "Twenty days."
    assert chat.name == reply.usage.model == "model-second"


def test_a_request_that_every_model_would_refuse_is_not_passed_on(
    settings: Settings, catalog: Catalog, seal: Seal, providers: list[ScriptedChat]
) -> None:
    providers[0].play(refusal(400, "this makes no sense"))
    both(catalog, providers)

    with pytest.raises(PermanentError, match="entry 'first'") as refused:
        said(Models(settings, catalog, seal).chat("answer"))

    assert "LECTERN_CHAT" not in refused.value.detail
    assert providers[1].requests == []


def test_what_broke_off_in_the_middle_is_not_begun_anew(
    settings: Settings, catalog: Catalog, seal: Seal, providers: list[ScriptedChat]
) -> None:
    providers[0].play(Script(text="Twenty days and so on.", die_after=1))
    both(catalog, providers)
    chat = Models(settings, catalog, seal).chat("answer")

    with pytest.raises(TransientError):
        said(chat)

    assert providers[1].requests == []
    assert chat is not None
    assert chat.spent.completion_tokens > 0, "what came was paid for"


def test_a_key_that_cannot_be_read_concerns_its_entry_alone(
    settings: Settings, catalog: Catalog, seal: Seal, providers: list[ScriptedChat]
) -> None:
    providers[1].play(Script(text="Twenty days."))
    first, _ = both(catalog, providers)
    catalog.models.change(replace(first, sealed_key="sealed by somebody else"))

    assert said(Models(settings, catalog, seal).chat("answer")) == "Twenty days."


def test_the_key_is_opened_for_the_endpoint_alone(
    settings: Settings, catalog: Catalog, seal: Seal, providers: list[ScriptedChat]
) -> None:
    both(catalog, providers, sealed_key=seal.close("sk-of-an-entry"))

    said(Models(settings, catalog, seal).chat("answer"))

    assert providers[0].requests[0].authorization == "Bearer sk-of-an-entry"


def test_small_tasks_and_pictures_go_to_their_models_else_to_those_that_answer(
    settings: Settings, catalog: Catalog, seal: Seal, providers: list[ScriptedChat]
) -> None:
    first, second = both(catalog, providers)
    seeing = catalog.models.create(entry("seeing", providers[0], sees_images=True))

    def names(use: str) -> list[str]:
        serving = Models(settings, catalog, seal).known().serving(use)  # type: ignore[arg-type]
        return [each.name for each in serving]

    assert names("small") == ["first", "second"]
    assert names("vision") == []
    catalog.models.choose("small", [second.model_id])
    catalog.models.choose("vision", [seeing.model_id])
    catalog.models.change(replace(first, enabled=False))
    assert names("small") == ["second"]
    assert names("vision") == ["seeing"]
    assert names("answer") == ["second"]


def test_the_environment_serves_what_nothing_was_chosen_for(
    settings: Settings, catalog: Catalog, seal: Seal, providers: list[ScriptedChat]
) -> None:
    url = providers[0].url
    with_environment = settings.model_copy(
        update={"chat_url": url, "chat_model": "large", "small_chat_model": "tiny"}
    )
    models = Models(with_environment, catalog, seal)

    assert [each.model for each in models.known().serving("answer")] == ["large"]
    assert [each.model for each in models.known().serving("small")] == ["tiny", "large"]
    incomplete = settings.model_copy(update={"chat_url": url})
    with pytest.raises(PermanentError, match="LECTERN_CHAT_MODEL is empty"):
        Models(incomplete, catalog, seal)


def test_a_change_is_seen_without_a_restart(
    settings: Settings,
    catalog: Catalog,
    seal: Seal,
    providers: list[ScriptedChat],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = Models(settings, catalog, seal)
    assert models.chat("answer") is None
    both(catalog, providers)

    monkeypatch.setattr("lectern.models.registry.FRESH_S", 0)

    assert models.chat("answer") is not None


def test_tokens_are_counted_and_priced(
    settings: Settings, catalog: Catalog, seal: Seal, providers: list[ScriptedChat]
) -> None:
    both(catalog, providers, prompt_price=2.0, completion_price=10.0)
    chat = Models(settings, catalog, seal).chat("answer")
    said(chat)
    assert chat is not None
    counted = chat.spent

    providers[0].play(Script(text="Twenty days.", usage=False))
    estimated = Models(settings, catalog, seal).chat("answer")
    said(estimated)

    assert estimated is not None
    for spent in (counted, estimated.spent):
        assert spent.prompt_tokens > 0
        assert spent.completion_tokens > 0
        assert spent.cost_micros == 2 * spent.prompt_tokens + 10 * spent.completion_tokens


@pytest.mark.parametrize(
    ("budget", "says"),
    [
        (ModelBudget("user", tokens=100), "your budget of 100 tokens"),
        (ModelBudget("user", "ada", cost_micros=50_000), "your budget of 0.05"),
        (ModelBudget("collection", tokens=100), "the budget of this collection"),
    ],
)
def test_who_has_used_up_a_budget_is_told_so_before_the_model_is_asked(
    *,
    settings: Settings,
    catalog: Catalog,
    seal: Seal,
    providers: list[ScriptedChat],
    budget: ModelBudget,
    says: str,
) -> None:
    both(catalog, providers)
    catalog.models.set_budget(budget)
    spent = Used(prompt_tokens=90, completion_tokens=10, cost_micros=50_000)
    catalog.usage.add("ada", spent, collection_id="travel")
    models = Models(settings, catalog, seal)

    with pytest.raises(RateLimited, match=says) as refused:
        said(models.chat("answer", user_id="ada", collection_id="travel"))

    assert refused.value.code == "budget_used_up"
    assert 0 < refused.value.retry_after_s <= 31 * 86_400
    assert providers[0].requests == []
    assert said(models.chat("answer", user_id="bob", collection_id="other"))


def test_models_are_refused_where_they_may_not_be(
    settings: Settings, catalog: Catalog, seal: Seal, providers: list[ScriptedChat]
) -> None:
    both(catalog, providers)
    public_only = settings.model_copy(update={"private_model_endpoints": False})
    models = Models(settings, catalog, seal)
    metadata = entry("cloud", providers[0], url="http://169.254.169.254/v1")

    with pytest.raises(InvalidRequest, match="network") as refused:
        said(Models(public_only, catalog, seal).chat("answer"))
    with pytest.raises(InvalidRequest, match="network"):
        models.chat_for_trial(metadata, "")
    with pytest.raises(InvalidRequest, match="give a key"):
        models.chat_for_trial(replace(metadata, url="https://me:secret@example.org/v1"), "")

    assert refused.value.code == "model_address"
    assert providers[0].requests == []


def test_the_next_reranker_judges_when_the_first_fails(
    settings: Settings, catalog: Catalog, seal: Seal
) -> None:
    with ScriptedReranker().running() as provider:
        dead = ModelEntry("", "dead", "rerank", "http://127.0.0.1:9/v1", "m", dialect="cohere")
        alive = replace(dead, name="alive", url=provider.url)
        ids = [catalog.models.create(each).model_id for each in (dead, alive)]
        catalog.models.choose("rerank", ids)
        reranker = Models(settings, catalog, seal).reranker()

        assert reranker is not None
        assert len(reranker.rerank("leave", ["annual leave", "bread"])) == 2


def test_what_a_question_itself_spent_counts_towards_its_budget() -> None:
    class Nothing:
        def total(self, *_: object, **__: object) -> Used:
            return Used()

    budget = ModelBudget("user", "kim", tokens=100)
    allowance = Allowance([budget], Nothing(), "kim", "")  # type: ignore[arg-type]
    spent = Spending(prompt_tokens=60, completion_tokens=39)

    allowance.require(spent)
    spent.completion_tokens += 1
    with pytest.raises(RateLimited) as refused:
        allowance.require(spent)

    assert refused.value.code == "budget_used_up"


def test_an_answer_may_take_as_long_as_the_slowest_model_of_its_chain() -> None:
    entries = [ModelEntry(str(n), str(n), "chat", "", "m", timeout_s=n) for n in (30.0, 300.0)]
    chain = [Candidate(entry, lambda: pytest.fail("nobody is asked")) for entry in entries]

    assert ChosenChat(chain, lambda _: None).timeout_s == 300.0
