"""The index under several processes at once, and under one that is killed."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from lectern.documents import Chunk, chunk_id
from lectern.index import collection_index
from lectern.index.rows import ChunkRow, SearchFilter
from lectern.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ROWS = 6
WRITER = f"""
import pathlib, sys
import numpy as np
from lectern.documents import Chunk, chunk_id
from lectern.index import collection_index
from lectern.index.rows import ChunkRow
from lectern.settings import Settings

home, who, documents, rounds = sys.argv[1:]
index = collection_index(Settings(home=pathlib.Path(home)), "c1")
print("ready", flush=True)
sys.stdin.readline()
for round in range(int(rounds)):
    for n in range(int(documents)):
        document = f"{{'own-' + who if n % 2 else 'shared'}}-{{n}}"
        rows = [
            ChunkRow(
                Chunk(chunk_id=chunk_id(document, 1, 1, i), document_id=document, revision=1,
                      part=1, ordinal=i, page_number=1, text=f"{{document}} row {{i}}"),
                np.eye(16, dtype=np.float32)[i], "n.pdf")
            for i in range({ROWS})
        ]
        index.replace_part(document, 1, 1, rows)
        print(n, flush=True)
"""


def start(home: Path, who: str, documents: int, rounds: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(home), who, str(documents), str(rounds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def go(writer: subprocess.Popen[str]) -> None:
    assert writer.stdin is not None
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    writer.stdin.write("go\n")
    writer.stdin.flush()


def end(writer: subprocess.Popen[str]) -> int:
    writer.communicate(timeout=100)
    return writer.returncode


def test_the_same_part_written_by_several_processes_is_there_once(tmp_path: Path) -> None:
    writers = [start(tmp_path, str(n), documents=6, rounds=2) for n in range(3)]
    for writer in writers:
        go(writer)

    assert [end(writer) for writer in writers] == [0, 0, 0]

    index = collection_index(Settings(home=tmp_path), "c1")
    documents = [f"shared-{n}" for n in (0, 2, 4)]
    documents += [f"own-{who}-{n}" for who in range(3) for n in (1, 3, 5)]
    for document in documents:
        assert [stored.chunk.ordinal for stored in index.chunks(document)] == list(range(ROWS))
    assert index.count() == len(documents) * ROWS


@pytest.mark.parametrize("after_writes", [0, 1, 7])
def test_a_writer_that_is_killed_leaves_whole_parts(tmp_path: Path, after_writes: int) -> None:
    writer = start(tmp_path, "0", documents=400, rounds=1)
    go(writer)
    assert writer.stdout is not None
    for _ in range(after_writes):
        writer.stdout.readline()
    time.sleep(0.004 * after_writes)  # some way into the next commit
    os.kill(writer.pid, signal.SIGKILL)
    end(writer)

    index = collection_index(Settings(home=tmp_path), "c1")
    found = index.count()
    assert found % ROWS == 0
    assert found >= after_writes * ROWS
    row = ChunkRow(
        Chunk(
            chunk_id=chunk_id("shared-0", 1, 1, 0),
            document_id="shared-0",
            revision=1,
            part=1,
            ordinal=0,
            page_number=1,
            text="written anew",
        ),
        np.eye(16, dtype=np.float32)[0],
        "n.pdf",
    )
    index.replace_part("shared-0", 1, 1, [row])

    assert [stored.chunk.text for stored in index.chunks("shared-0")] == ["written anew"]
    assert index.search_text("anew", where=SearchFilter(), limit=5)
    assert index.upkeep().rows == index.count()


def test_upkeep_beside_writers_and_another_upkeep_loses_nothing(tmp_path: Path) -> None:
    index = collection_index(Settings(home=tmp_path), "c1")
    writer = start(tmp_path, "0", documents=30, rounds=1)
    go(writer)
    while not index.count():
        time.sleep(0.01)
    with ThreadPoolExecutor(2) as pool:
        for report in pool.map(lambda _: index.upkeep(), range(8)):
            assert report.seconds < 60

    assert end(writer) == 0
    assert index.count() == 30 * ROWS
    found = index.search_text("row", where=SearchFilter(document_ids=("own-0-29",)), limit=50)
    assert len(found) == ROWS
