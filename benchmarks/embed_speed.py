"""Embed stage against the bare model on the same texts: what index, catalog and events cost.

The bare model is the encoder itself, called with the texts the stage embeds. Stage and model take
turns in one process, so that the machine's other work hits both alike.
"""

import json
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROUNDS = 5
CHUNKS = 48
WORDS_PER_CHUNK = 105  # invented words of 2.2 word pieces each: 230, as a full chunk has
VOCABULARY = 4000


class Spent(NamedTuple):
    """Seconds of one call: on the wall, and of CPU over all threads."""

    wall_s: float
    cpu_s: float


def main() -> dict[str, Any]:
    """Return chunks per second of both, their ratio, and where the stage's own time goes."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bare, staged = [], []
        bench.round(number=0)  # opens the index, warms the caches
        bench.spent.clear()
        for number in range(1, ROUNDS + 1):
            of_model, of_stage = bench.round(number)
            bare.append(of_model)
            staged.append(of_stage)
        bench.catalog.close()
    rest_ms = {
        name: round(seconds / ROUNDS * 1000, 1)
        for name, seconds in sorted(bench.spent.items(), key=lambda item: -item[1])
    }
    wall_s = statistics.median(spent.wall_s for spent in staged)
    return {
        "chunks": CHUNKS,
        "bare_chunks_per_s": round(CHUNKS / statistics.median(s.wall_s for s in bare), 1),
        "stage_chunks_per_s": round(CHUNKS / wall_s, 1),
        "ratio": ratio([s.wall_s for s in staged], [s.wall_s for s in bare]),
        "cpu_ratio": ratio([s.cpu_s for s in staged], [s.cpu_s for s in bare]),
        "stage_ms_per_part": round(wall_s * 1000, 1),
        "of_which_ms": rest_ms,
    }


def ratio(stage: Sequence[float], model: Sequence[float]) -> float:
    """Return the median over the rounds of how much longer the stage took."""
    return round(statistics.median(s / m for s, m in zip(stage, model, strict=True)), 3)


class Bench:
    """Real adapters in a folder, with a clock on each."""

    def __init__(self, folder: Path) -> None:
        from lectern.catalog import migrate, open_catalog
        from lectern.index import collection_index
        from lectern.models import embedder
        from lectern.objects import object_store
        from lectern.settings import Settings

        settings = Settings(home=folder)
        migrate(settings)
        self.spent: dict[str, float] = defaultdict(float)
        self.catalog = open_catalog(settings)
        self.store = object_store(settings)
        self.embedder = embedder(settings)
        self.owner_id = self.catalog.people.ensure_owner("bench").user_id
        collection = self.catalog.collections.ensure("Bench", self.owner_id)
        self.collection_id = collection.collection_id
        self.index = collection_index(settings, self.collection_id)

    def round(self, number: int) -> tuple[Spent, Spent]:
        """Return what the bare model and the stage took for the same new texts."""
        from functions.embed.stage import embed_part
        from lectern.models import AtHand, Embedders

        event, texts = self._parsed(number)
        of_model = timed(lambda: self.embedder.embed_passages(texts))
        clocks = {
            name: Clock(name, adapter, self.spent)
            for name, adapter in (
                ("store", self.store),
                ("embedder", self.embedder),
                ("index", self.index),
                ("publisher", _Nowhere()),
            )
        }
        of_stage = timed(
            lambda: embed_part(
                event,
                catalog=self.catalog,
                store=clocks["store"],
                embedders=Embedders(
                    "bench", {"bench": AtHand(lambda: clocks["embedder"], lambda *_: True)}
                ),
                index_of=lambda _: clocks["index"],
                publisher=clocks["publisher"],
            )
        )
        return of_model, of_stage

    def _parsed(self, number: int) -> tuple[Any, list[str]]:
        """Do what parse does for one part of new text; return its event and what is embedded."""
        from lectern.catalog.records import PartPlan
        from lectern.documents import Chunk, chunk_id, chunks_key
        from lectern.events import PartParsed
        from lectern.parts import encode_part

        documents = self.catalog.documents
        reserved = documents.reserve(self.collection_id, self.owner_id, f"{number}.txt")
        document_id = reserved.document_id
        documents.confirm(document_id, 1, size_bytes=1, sha256=str(number))
        texts = list(self._texts(number))
        chunks = [
            Chunk(
                chunk_id=chunk_id(document_id, 1, 1, ordinal),
                document_id=document_id,
                revision=1,
                part=1,
                ordinal=ordinal,
                page_number=1,
                text=text,
                char_end=len(text),
            )
            for ordinal, text in enumerate(texts)
        ]
        key = chunks_key(self.collection_id, document_id, 1, 1)
        self.store.write(key, encode_part([], chunks))
        plan = PartPlan(1, 1, 1, key, len(chunks))
        documents.plan_parts(document_id, 1, [plan], pages=1)
        event = PartParsed(
            collection_id=self.collection_id,
            document_id=document_id,
            revision=1,
            part=1,
            parts=1,
            chunks_key=key,
            chunk_count=len(chunks),
        )
        return event, texts

    def _texts(self, number: int) -> Iterator[str]:
        rng = random.Random(number)  # noqa: S311 - words, not secrets
        vocabulary = [f"{a}{b}" for a in _SYLLABLES for b in _SYLLABLES][:VOCABULARY]
        for _ in range(CHUNKS):
            yield " ".join(rng.choice(vocabulary) for _ in range(WORDS_PER_CHUNK))


class Clock:
    """Passes every call on and adds its wall seconds to `spent`."""

    def __init__(self, name: str, adapter: Any, spent: dict[str, float]) -> None:
        self._name, self._adapter, self._spent = name, adapter, spent

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(self._adapter, attribute)
        if not callable(value):
            return value

        def call(*arguments: Any, **named: Any) -> Any:
            with self._counting(f"{self._name}.{attribute}"):
                return value(*arguments, **named)

        return call

    @contextmanager
    def _counting(self, what: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self._spent[what] += time.perf_counter() - started


class _Nowhere:
    """A broker that takes every event at once."""

    def publish(self, event: object) -> None:
        """Accept the event."""

    def check(self) -> None:
        """Be there."""


def timed(work: Callable[[], object]) -> Spent:
    """Return what one call took."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


_SYLLABLES = [c + v + e for c in "bdfgklmnprstvz" for v in "aeiou" for e in ("", "n", "r")]

if __name__ == "__main__":
    print(json.dumps(main(), indent=2))
