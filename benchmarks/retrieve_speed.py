"""Warm search through the whole function against its floor, measured in turns.

The floor is what cannot be avoided: embedding the question, one vector query and one full-text
query on the open LanceDB table, one after the other, reading the same columns. Milliseconds;
`ratio` is retrieve / floor at the median. Random unit vectors, texts with a Zipf vocabulary.
"""

import json
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
ROWS = (1_000, 10_000, 100_000)
DOCUMENTS = 20
WORDS_PER_TEXT = 100
VOCABULARY = 20_000
QUESTIONS = 60
WARM_UP = 10
DEPTH = 40


def main() -> dict[str, Any]:
    """Return p50 and p95 of retrieve and of the floor, their ratio and retrieve's own steps."""
    return {str(rows): _measure(rows) for rows in ROWS}


def _measure(rows: int) -> dict[str, Any]:
    from functions.retrieve.wiring import dependencies
    from lectern.catalog import migrate, open_catalog
    from lectern.settings import Settings

    with tempfile.TemporaryDirectory() as home:
        os.environ["LECTERN_HOME"] = home
        logging.disable(logging.INFO)
        migrate(Settings())
        dependencies.cache_clear()
        own = dependencies()
        token, collection_id = _fill(own, rows)
        search = _searching(token)
        floor = _floor(own, collection_id)
        questions = [_text(np.random.default_rng(n), 8) for n in range(2 * (WARM_UP + QUESTIONS))]
        samples: dict[str, list[float]] = {"retrieve": [], "floor": []}
        steps: dict[str, list[float]] = {}
        for bare, whole in zip(questions[::2], questions[1::2], strict=True):  # none asked twice
            started = time.perf_counter()
            floor(bare)
            samples["floor"].append((time.perf_counter() - started) * 1000)
            started = time.perf_counter()
            timings = search(whole)
            samples["retrieve"].append((time.perf_counter() - started) * 1000)
            for step, took in timings.items():
                steps.setdefault(step, []).append(took)
        own.pool.shutdown()
        own.catalog.close()
        open_catalog.cache_clear()
        result = {name: percentiles(values[WARM_UP:]) for name, values in samples.items()}
        return result | {
            "ratio": round(result["retrieve"]["p50_ms"] / result["floor"]["p50_ms"], 2),
            "steps_p50_ms": {s: round(statistics.median(v[WARM_UP:]), 2) for s, v in steps.items()},
        }


def _fill(own: Any, rows: int) -> tuple[str, str]:
    from lectern.documents import Chunk, Line, chunk_id
    from lectern.index.rows import ChunkRow

    print(f"writing {rows} rows …", file=sys.stderr)
    rng = np.random.default_rng(rows)
    owner = own.catalog.people.ensure_owner("bench")
    _, token = own.catalog.people.create_token(owner.user_id, "bench")
    made = own.catalog.collections.create("Bench", owner.user_id)
    own.catalog.collections.bind_embedder(
        made.collection_id,
        name=own.models.embedders().default.name,
        fingerprint=own.models.embedders().default.fingerprint,
        dimensions=own.models.embedders().default.dimensions,
    )
    index = own.index(made.collection_id)
    for number in range(DOCUMENTS):
        name = f"document {number}.txt"
        reserved = own.catalog.documents.reserve(made.collection_id, owner.user_id, name)
        document = reserved.document_id
        own.catalog.documents.confirm(document, 1, size_bytes=1, sha256=name)
        vectors = rng.standard_normal(
            (rows // DOCUMENTS, own.models.embedders().default.dimensions)
        )
        vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        batch = []
        for ordinal, vector in enumerate(vectors):
            text = _text(rng, WORDS_PER_TEXT)
            lines = tuple(Line(n, n + 60, 72, n, 540, n + 12) for n in range(0, len(text), 60))
            chunk = Chunk(
                chunk_id=chunk_id(document, 1, 1, ordinal),
                document_id=document,
                revision=1,
                part=1,
                ordinal=ordinal,
                page_number=ordinal // 4 + 1,
                text=text,
                lines=lines,
            )
            batch.append(ChunkRow(chunk, vector, name))
        index.replace_part(document, 1, 1, batch)
    index.upkeep()
    return token, made.collection_id


def _text(rng: np.random.Generator, words: int) -> str:
    ranks = np.minimum(rng.zipf(1.3, words), VOCABULARY)
    return " ".join(f"word{rank:x}" for rank in ranks)


def _searching(token: str) -> Callable[[str], dict[str, float]]:
    import functions_framework

    source = str(ROOT / "functions" / "retrieve" / "main.py")
    client = functions_framework.create_app("retrieve", source).test_client()
    headers = {"Authorization": f"Bearer {token}"}

    def search(question: str) -> dict[str, float]:
        reply = client.post("/v1/search", json={"query": question}, headers=headers)
        if reply.status_code != 200 or not reply.json["passages"]:
            raise RuntimeError(reply.text)
        return dict(reply.json["timings_ms"])

    return search


def _floor(own: Any, collection_id: str) -> Callable[[str], None]:
    from lectern.index.loop import wait_for
    from lectern.index.schema import CHUNKS, STORED_COLUMNS
    from lectern.index.terms import query_terms

    table = wait_for(own.index(collection_id)._database.table(CHUNKS))  # noqa: SLF001 - bare table

    def floor(question: str) -> None:
        vector = own.models.embedders().default.embed_query(question)
        near = table.query().nearest_to(vector).distance_type("cosine").limit(DEPTH)
        wait_for(near.select([*STORED_COLUMNS, "_distance"]).to_arrow())
        words = table.query().nearest_to_text(" ".join(query_terms(question)), columns=["terms"])
        wait_for(words.limit(DEPTH).select([*STORED_COLUMNS, "_score"]).to_arrow())

    return floor


def percentiles(values: list[float]) -> dict[str, float]:
    """Return the median and the 95th percentile, in milliseconds."""
    return {
        "p50_ms": round(statistics.median(values), 2),
        "p95_ms": round(float(np.percentile(values, 95)), 2),
    }


if __name__ == "__main__":
    print(json.dumps(main(), indent=2))
