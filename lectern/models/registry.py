"""Which model serves what: the entries of the environment and those that administrators edit.

What the catalog holds is read again every few seconds, so that a change reaches every process
without a restart. A model's client is made once for each version of its entry.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from lectern.catalog.port_models import KIND_OF_USE, ModelEntry, ModelRegistry, ModelUse
from lectern.models.choosing import AtHand, Embedders
from lectern.models.embedding_identity import OFFLINE, made_by
from lectern.models.registry_budgets import Allowance
from lectern.models.registry_clients import chat_of, embedder_of, reranker_of
from lectern.models.registry_embedding import CountedEmbedder, Expense
from lectern.models.registry_environment import environment_entries, environment_key

if TYPE_CHECKING:
    from lectern.catalog.port import Catalog
    from lectern.models.ports import ChatModel, Embedder, Reranker
    from lectern.models.registry_chat import ChosenChat
    from lectern.sealing import Seal
    from lectern.settings import Settings

M = TypeVar("M")

Make = Callable[[ModelEntry, str, "Settings"], M]

FRESH_S = 3.0
"""How long a change may take to be seen."""


@dataclass(frozen=True, slots=True)
class Known:
    """The registry as it was last read, with the environment's entries."""

    stored: ModelRegistry
    entries: Mapping[str, ModelEntry]
    embedder: str = OFFLINE
    """Which embedder the settings say."""

    def serving(self, use: ModelUse) -> Sequence[ModelEntry]:
        """Return the entries that serve `use`, the first choice first; disabled ones are left out.

        Without a choice, it is the environment's. Small tasks go to the answering models as well,
        when no other does them; pictures, to those of them that see. There is always an embedder:
        that of the settings comes last.
        """
        found = self._named(use)
        if use == "small":
            found += self._named("answer")
        if use == "embedding":
            found += [self.entries[self.embedder]]
        if use == "vision":
            found = [entry for entry in found + self._named("answer") if entry.sees_images]
        return list({entry.model_id: entry for entry in found}.values())

    def embedding(self) -> Sequence[ModelEntry]:
        """Return the embedders at hand: those that serve first, then the others switched on."""
        others = [e for e in self.entries.values() if e.kind == "embedding" and e.enabled]
        found = [*self.serving("embedding"), *others]
        return list({entry.model_id: entry for entry in found}.values())

    def seeing(self) -> Sequence[ModelEntry]:
        """Return the entries that were chosen for pictures and see them."""
        return [entry for entry in self._named("vision") if entry.sees_images]

    def _named(self, use: ModelUse) -> list[ModelEntry]:
        named = self.stored.choices.get(use) or _OF_ENVIRONMENT[use]
        entries = [self.entries[each] for each in named if each in self.entries]
        return [e for e in entries if e.enabled and e.kind == KIND_OF_USE[use]]


_OF_ENVIRONMENT: Mapping[ModelUse, Sequence[str]] = {
    "answer": ("environment",),
    "small": ("environment-small",),
    "vision": ("environment-vision",),
    "rerank": ("environment-rerank",),
    "embedding": (),
}


class Models:
    """The models of this process. Thread safe; see `models_of`.

    Args:
        settings: Of the environment's entries.
        catalog: Keeps the other entries, and counts what is spent.
        seal: Opens their keys.
    """

    def __init__(self, settings: "Settings", catalog: "Catalog", seal: "Seal") -> None:
        self._settings = settings
        self._catalog = catalog
        self._seal = seal
        self._environment = {e.model_id: e for e in environment_entries(settings)}
        self._lock = threading.Lock()
        self._known = Known(ModelRegistry(), self._environment, settings.embedder)
        self._read_at = float("-inf")
        self._clients: dict[tuple[str, int], object] = {}

    def chat(
        self, use: ModelUse, *, user_id: str = "", collection_id: str = ""
    ) -> "ChosenChat | None":
        """Return what answers for `use`, or None when no model does; see `ChosenChat`.

        Args:
            use: `answer`, `small` or `vision`.
            user_id: Whose budget it is at the expense of.
            collection_id: The only collection it is about, "" for several.

        Raises:
            TransientError: The catalog cannot be reached.
        """
        return self._chosen(self.known().serving(use), user_id, collection_id)

    def for_pictures(self, collection_id: str) -> "ChosenChat | None":
        """Return what describes pictures while documents are read, at a collection's expense.

        None when no model was chosen for pictures: an answering model that happens to see is not
        asked, also not when the chosen ones fail, for that many calls are somebody's decision.

        Raises:
            TransientError: The catalog cannot be reached.
        """
        return self._chosen(self.known().seeing(), "", collection_id)

    def _chosen(
        self, serving: Sequence[ModelEntry], user_id: str, collection_id: str
    ) -> "ChosenChat | None":
        from lectern.models.registry_chat import Candidate, ChosenChat

        if not serving:
            return None
        budgets = self.known().stored.budgets
        allowance = Allowance(budgets, self._catalog.usage, user_id, collection_id)
        chain = [Candidate(entry, self._of_entry(entry, chat_of)) for entry in serving]
        return ChosenChat(chain, allowance.require)

    def reranker(self) -> "Reranker | None":
        """Return what reranks, or None when nothing does.

        Raises:
            TransientError: The catalog cannot be reached.
        """
        from lectern.models.registry_reranking import ChosenReranker

        serving = self.known().serving("rerank")
        if not serving:
            return None
        return ChosenReranker([(entry, self._of_entry(entry, reranker_of)) for entry in serving])

    def embedders(self, *, user_id: str = "", collection_id: str = "") -> Embedders:
        """Return the embedders at hand at this moment, for one request or one event.

        Args:
            user_id: Whose budget they work at the expense of, "" for nobody's.
            collection_id: The only collection it is about, "" for several.

        Raises:
            TransientError: The catalog cannot be reached.
        """
        known = self.known()
        usage = self._catalog.usage
        allowance = Allowance(known.stored.budgets, usage, user_id, collection_id)
        expense = Expense(allowance, usage)
        found = known.embedding()
        return Embedders(
            found[0].model_id,
            {entry.model_id: self._at_hand(entry, expense) for entry in found},
        )

    def known(self) -> Known:
        """Return what is known of all models, not older than `FRESH_S`."""
        with self._lock:
            if monotonic() - self._read_at > FRESH_S:
                stored = self._catalog.models.registry()
                entries = {e.model_id: e for e in stored.entries} | self._environment
                self._known = Known(stored, entries, self._settings.embedder)
                self._read_at = monotonic()
                current = {(e.model_id, e.version) for e in entries.values()}
                self._clients = {k: v for k, v in self._clients.items() if k in current}
            return self._known

    def chat_for_trial(self, entry: ModelEntry, key: str) -> "ChatModel":
        """Return a client of an entry that need not be stored; raises as its first use would."""
        return chat_of(entry, key, self._settings)

    def reranker_for_trial(self, entry: ModelEntry, key: str) -> "Reranker":
        """Return a client of an entry that need not be stored; raises as its first use would."""
        return reranker_of(entry, key, self._settings)

    def embedder_for_trial(self, entry: ModelEntry, key: str) -> "Embedder":
        """Return a client of an entry that need not be stored; raises as its first use would."""
        return embedder_of(entry, key, self._settings)

    def key_of(self, entry: ModelEntry) -> str:
        """Return the key of a stored entry or of one of the environment.

        Raises:
            PermanentError: It was sealed with another key (code `secret_unreadable`).
        """
        if entry.model_id in self._environment:
            return environment_key(self._settings, entry.kind)
        return self._seal.open(entry.sealed_key)

    def _at_hand(self, entry: ModelEntry, expense: Expense) -> AtHand:
        make = self._of_entry(entry, embedder_of)
        if entry.model_id != OFFLINE:
            return AtHand(lambda: CountedEmbedder(entry, make, expense), partial(made_by, entry))

        def made(fingerprint: str, dimensions: int) -> bool:
            looks_so = made_by(entry, fingerprint, dimensions)
            return looks_so and make().fingerprint == fingerprint

        return AtHand(make, made)

    def _of_entry(self, entry: ModelEntry, make: "Make[M]") -> "Callable[[], M]":
        return partial(self._client, entry, make)

    def _client(self, entry: ModelEntry, make: "Make[M]") -> M:
        at = (entry.model_id, entry.version)
        made = self._clients.get(at)
        if made is None:
            made = make(entry, self.key_of(entry), self._settings)
            with self._lock:
                made = self._clients.setdefault(at, made)
        return made  # type: ignore[return-value]  # what `make` made for this very entry


def models_of(settings: "Settings", catalog: "Catalog") -> Models:
    """Return the models of this process.

    Raises:
        PermanentError: The environment names an endpoint, but no model.
    """
    from lectern.sealing import seal_of

    return Models(settings, catalog, seal_of(settings))
