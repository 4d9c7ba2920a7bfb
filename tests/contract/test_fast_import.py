"""The cheap import of LanceDB; an upgrade that breaks it shows here."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROUND_TRIP = """
import json, logging, pathlib, sys

warnings = []
logging.getLogger("lectern").addHandler(type("H", (logging.Handler,), {
    "emit": lambda self, record: warnings.append(record.getMessage())})())
if "break" in sys.argv:
    from contextlib import contextmanager
    from lectern.index import fast_import

    @contextmanager
    def break_half_way():
        yield
        raise ImportError("an upgrade moved something")

    fast_import._no_override_checks = break_half_way
from lectern.index.fast_import import import_lancedb

import_lancedb()
modules = len(sys.modules)

import numpy as np
from lectern.documents import Chunk
from lectern.index import collection_index
from lectern.index.rows import ChunkRow, SearchFilter
from lectern.settings import Settings

index = collection_index(Settings(home=pathlib.Path(sys.argv[1])), "c1")
rows = [
    ChunkRow(
        Chunk(chunk_id=f"d.1.0001.{i:05d}", document_id="d", revision=1, part=1, ordinal=i,
              page_number=1, text=f"text number {i}"),
        np.eye(8, dtype=np.float32)[i], "d.pdf", ("tag",))
    for i in range(5)
]
index.replace_part("d", 1, 1, rows)
index.upkeep()
where = SearchFilter(tags=("tag",))
found = index.search_vector(rows[3].vector, where=where, limit=2)
print(json.dumps({
    "vector": [hit.row.chunk.text for hit in found][:1],
    "text": [hit.row.chunk.text for hit in index.search_text("number 4", where=where, limit=1)],
    "chunks": [stored.chunk.text for stored in index.chunks("d")],
    "modules": modules,
    "client": "lance_namespace_urllib3_client" in sys.modules,
    "warnings": warnings,
}))
"""


def run(home: Path, *arguments: str, plain: str = "") -> dict[str, Any]:
    environment = os.environ | {"LECTERN_PLAIN_IMPORT": plain}
    output = subprocess.run(
        [sys.executable, "-c", ROUND_TRIP, str(home), *arguments],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    return dict(json.loads(output.stdout))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return run(tmp_path_factory.mktemp("plain"), plain="1")


def answers(outcome: dict[str, Any]) -> dict[str, Any]:
    return {name: outcome[name] for name in ("vector", "text", "chunks")}


def test_the_cheap_import_is_taken_and_behaves_like_the_plain_one(
    tmp_path: Path, plain: dict[str, Any]
) -> None:
    cheap = run(tmp_path)

    assert answers(cheap) == answers(plain)
    assert cheap["text"] == ["text number 4"]
    assert cheap["warnings"] == []
    assert not cheap["client"], "something in the ordinary path uses the client's models"
    assert plain["client"]
    assert cheap["modules"] < plain["modules"] - 150


def test_a_cheap_import_that_fails_half_way_falls_back_to_the_plain_one(
    tmp_path: Path, plain: dict[str, Any]
) -> None:
    fallen_back = run(tmp_path, "break")

    assert answers(fallen_back) == answers(plain)
    assert fallen_back["client"]
    assert fallen_back["warnings"] == ["the cheap import of lancedb failed"]
