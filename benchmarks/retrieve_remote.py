"""Warm search of an index in S3: from the store, and from the local copy, measured in turns.

The store is moto on loopback with 20 ms added to every request, about what S3 takes within a
region. Each search is one vector and one full-text query, side by side, as `retrieve` makes them.
Milliseconds; `ratio` is copy / store at the median. Random unit vectors, Zipf vocabulary.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.retrieve_speed import percentiles

ROWS = (1_000, 10_000)
QUESTIONS = 30
WARM_UP = 5
DEPTH = 40
DIMENSIONS = 384
REQUEST_S = 0.020
_KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


def main() -> dict[str, Any]:
    """Return p50 and p95 of both by number of rows, and what it took to fetch the copy."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    served = server._server  # noqa: SLF001 - moto has no way to wrap its application
    assert served is not None  # noqa: S101 - it was started
    served.app = _Slow(served.app)
    host, port = server.get_host_and_port()
    try:
        return {str(rows): _measure(rows, f"http://{host}:{port}") for rows in ROWS}
    finally:
        server.stop()


class _Slow:
    """A store that is some network away."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        time.sleep(REQUEST_S)
        return self._app(environ, start_response)


def _measure(rows: int, endpoint: str) -> dict[str, Any]:
    import boto3
    from pydantic import SecretStr

    from lectern.index import collection_index, reading_index
    from lectern.index.port import CollectionIndex
    from lectern.settings import Settings

    bucket = f"bench-{rows}"
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **_KEYS)
    client.create_bucket(Bucket=bucket)
    with tempfile.TemporaryDirectory() as home, ThreadPoolExecutor(2) as pool:
        os.environ["LECTERN_HOME"] = home
        settings = Settings(
            home=Path(home),
            store=f"s3://{bucket}",
            s3_endpoint=endpoint,
            s3_access_key="test",
            s3_secret_key=SecretStr("test"),
        )
        remote = collection_index(settings, "bench")
        _fill(remote, rows)
        remote.upkeep()
        reading = reading_index(settings)
        started = time.perf_counter()
        while reading("bench") is remote:
            time.sleep(0.05)
        fetched_s = time.perf_counter() - started

        def search(index_of: Callable[[], CollectionIndex], number: int) -> float:
            rng = np.random.default_rng(number)
            started = time.perf_counter()
            index = index_of()
            work = [
                pool.submit(index.search_vector, _unit(rng), where=_everything(), limit=DEPTH),
                pool.submit(index.search_text, _text(rng, 8), where=_everything(), limit=DEPTH),
            ]
            for one in work:
                one.result()
            return (time.perf_counter() - started) * 1000

        samples: dict[str, list[float]] = {"store": [], "copy": []}
        for number in range(WARM_UP + QUESTIONS):
            samples["store"].append(search(lambda: remote, 2 * number))
            samples["copy"].append(search(lambda: reading("bench"), 2 * number + 1))
    result: dict[str, Any] = {name: percentiles(all_[WARM_UP:]) for name, all_ in samples.items()}
    ratio = result["copy"]["p50_ms"] / result["store"]["p50_ms"]
    return result | {"ratio": round(ratio, 3), "fetched_s": round(fetched_s, 2)}


def _fill(index: Any, rows: int) -> None:
    from lectern.documents import Chunk, chunk_id
    from lectern.index.rows import ChunkRow

    print(f"writing {rows} rows …", file=sys.stderr)
    rng = np.random.default_rng(rows)
    index.replace_part(
        "doc",
        1,
        1,
        [
            ChunkRow(
                Chunk(
                    chunk_id=chunk_id("doc", 1, 1, ordinal),
                    document_id="doc",
                    revision=1,
                    part=1,
                    ordinal=ordinal,
                    page_number=1,
                    text=_text(rng, 100),
                ),
                _unit(rng),
                "bench.txt",
                (),
            )
            for ordinal in range(rows)
        ],
    )


def _everything() -> Any:
    from lectern.index.rows import SearchFilter

    return SearchFilter()


def _unit(rng: np.random.Generator) -> Any:
    vector = rng.standard_normal(DIMENSIONS).astype(np.float32)
    return vector / np.linalg.norm(vector)


def _text(rng: np.random.Generator, words: int) -> str:
    return " ".join(f"w{number % 20_000}" for number in rng.zipf(1.3, words))
