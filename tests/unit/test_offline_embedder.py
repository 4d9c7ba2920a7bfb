"""The offline embedder: its graph against the published model, and how its artifact is kept."""

import json
import math
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from lectern.errors import PermanentError
from lectern.models.artifact import (
    Artifact,
    candidate_folders,
    install,
    open_artifact,
    sha256_of,
    staging,
)
from lectern.models.build import SENTENCES, ensure_artifact
from lectern.models.encoder import Encoder
from lectern.models.graph import DIMENSIONS, HEADS, LAYERS, encoder_graph
from lectern.models.offline import OfflineEmbedder
from lectern.models.processors import allotted_processors
from lectern.models.weights import PackagedModel, read_safetensors

Array = NDArray[np.float32]


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return ensure_artifact(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    model = PackagedModel()
    graph = tmp_path_factory.mktemp("graph") / "exact.onnx"
    onnx.save(encoder_graph(model.tensors(), int8_words=False), graph)
    return Encoder(graph=graph, tokenizer=model.tokenizer, threads=1)


def reference(text: str) -> Array:
    """Return the embedding as the papers define it, in plain NumPy (Devlin et al. 2019)."""
    model = PackagedModel()
    weights = model.tensors()
    tokenizer = Tokenizer.from_file(str(model.tokenizer))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    ids = tokenizer.encode(text).ids

    def dense(x: Array, name: str) -> Array:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def normalise(x: Array, name: str) -> Array:
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def heads(x: Array) -> Array:
        return x.reshape(len(ids), HEADS, -1).transpose(1, 0, 2)

    hidden = normalise(
        weights["embeddings.word_embeddings.weight"][ids]
        + weights["embeddings.position_embeddings.weight"][: len(ids)]
        + weights["embeddings.token_type_embeddings.weight"][0],
        "embeddings.LayerNorm",
    )
    gelu = np.vectorize(lambda x: x * 0.5 * (1 + math.erf(x / math.sqrt(2))), otypes=[np.float32])
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        query, key, value = (
            heads(dense(hidden, f"{layer}.attention.self.{kind}"))
            for kind in ("query", "key", "value")
        )
        weight = np.exp(query @ key.transpose(0, 2, 1) / math.sqrt(DIMENSIONS // HEADS))
        weight /= weight.sum(axis=-1, keepdims=True)
        context = (weight @ value).transpose(1, 0, 2).reshape(len(ids), DIMENSIONS)
        mixed = dense(context, f"{layer}.attention.output.dense")
        hidden = normalise(hidden + mixed, f"{layer}.attention.output.LayerNorm")
        wide = gelu(dense(hidden, f"{layer}.intermediate.dense"))
        narrow = dense(wide, f"{layer}.output.dense")
        hidden = normalise(hidden + narrow, f"{layer}.output.LayerNorm")
    pooled: Array = hidden.mean(axis=0)
    return pooled / np.float32(np.linalg.norm(pooled))


@pytest.mark.parametrize("text", ["", "a", SENTENCES[0], SENTENCES[10], "long words " * 200])
def test_the_graph_computes_what_the_model_is_defined_to(exact: Encoder, text: str) -> None:
    np.testing.assert_allclose(exact.encode_one(text), reference(text), atol=2e-6)


def test_padding_changes_nothing_in_the_graph(exact: Encoder) -> None:
    ids = np.array([[101, 7592, 2088, 102, 0, 0]], dtype=np.int32)
    feed = {"input_ids": ids, "attention_mask": (ids != 0).astype(np.int32)}

    (padded,) = exact._session.run(None, feed)

    np.testing.assert_allclose(padded[0], exact.encode_one("hello world"), atol=1e-6)


def test_eight_bits_stay_close_to_the_original(exact: Encoder, artifact: Artifact) -> None:
    quantised = Encoder(graph=artifact.graph, tokenizer=artifact.tokenizer, threads=1)

    cosines = (exact.encode(SENTENCES) * quantised.encode(SENTENCES)).sum(axis=1)

    assert cosines.mean() >= 0.985
    assert cosines.min() >= 0.97


def test_eight_bits_keep_the_order_of_answers(artifact: Artifact) -> None:
    model = Encoder(graph=artifact.graph, tokenizer=artifact.tokenizer, threads=1)
    questions = [
        "How long is the guarantee on the product?",
        "When do I get my money back?",
        "How many hours does a cat rest?",
    ]

    nearest = (model.encode(questions) @ model.encode(SENTENCES).T).argmax(axis=1)

    assert nearest.tolist() == [0, 1, 7]


def test_an_artifact_that_is_there_is_not_built_again(tmp_path: Path, artifact: Artifact) -> None:
    written = artifact.graph.stat().st_mtime_ns

    again = ensure_artifact(tmp_path)

    assert again == artifact
    assert again.graph.stat().st_mtime_ns == written
    assert list(tmp_path.iterdir()) == []


def place(folder: Path, content: bytes = b"a graph") -> Artifact:
    """Install something that passes for an artifact, as the build does."""
    with staging([folder]) as (fresh, target):
        (fresh / "model.onnx").write_bytes(content)
        (fresh / "tokenizer.json").write_text("{}")
        return install(
            fresh,
            target,
            weights_sha256="0" * 64,
            tokenizer_sha256=sha256_of(fresh / "tokenizer.json"),
            cosine=0.99,
        )


@pytest.mark.parametrize("damaged", ["model.onnx", "tokenizer.json", "manifest.json"])
@pytest.mark.parametrize("how", ["altered", "missing"])
def test_a_damaged_artifact_is_not_used_and_is_replaced(
    tmp_path: Path, damaged: str, how: str
) -> None:
    folder = tmp_path / "embedder"
    whole = place(folder)
    if how == "missing":
        (folder / damaged).unlink()
    else:
        (folder / damaged).write_text("something else")

    found = open_artifact(folder)
    replaced = place(folder)

    assert found is None
    assert open_artifact(folder) == replaced == whole
    assert [entry.name for entry in tmp_path.iterdir()] == ["embedder"]


def test_many_builders_at_once_leave_one_whole_artifact(tmp_path: Path) -> None:
    folder = tmp_path / "embedder"
    ready = threading.Barrier(8)

    def build(number: int) -> Artifact:
        ready.wait()
        return place(folder, content=b"graph %d" % number)

    with ThreadPoolExecutor(8) as pool:
        artifacts = list(pool.map(build, range(8)))

    assert len(set(artifacts)) == 1
    assert open_artifact(folder) == artifacts[0]
    assert [entry.name for entry in tmp_path.iterdir()] == ["embedder"]


def test_the_next_place_is_taken_when_one_is_not_writable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    places = [tmp_path / "file" / "embedder", tmp_path / "open" / "embedder"]

    with staging(places) as (fresh, target):
        assert fresh.parent == tmp_path / "open"
        assert target == tmp_path / "open" / "embedder"


def test_without_a_writable_place_the_error_says_what_to_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(PermanentError, match=r"python -m lectern\.models\.build"),
        staging([tmp_path / "file" / "embedder"]),
    ):
        pass


def test_the_places_are_environment_cache_and_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    first, second, third = candidate_folders(tmp_path / "data")

    assert first.is_relative_to(Path(sys.prefix) / "share" / "lectern")
    assert second.is_relative_to(tmp_path / "cache" / "lectern")
    assert third.is_relative_to(tmp_path / "data" / "models" / "lectern")


WITHOUT_ONNX = """
import sys
from pathlib import Path
sys.modules["onnx"] = None
sys.prefix = sys.argv[1]
from lectern.errors import PermanentError
from lectern.models.build import ensure_artifact
try:
    ensure_artifact(Path(sys.argv[1]))
except PermanentError as error:
    print(error.detail)
"""


def test_without_onnx_the_error_says_what_to_run(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_ONNX, str(tmp_path)],
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "'onnx' is not installed" in result.stdout
    assert "make setup" in result.stdout


def test_the_command_builds_says_so_in_one_line_and_repeats_at_once(tmp_path: Path) -> None:
    command = (
        "import sys, runpy; sys.prefix = sys.argv[1];"
        " runpy.run_module('lectern.models.build', run_name='__main__')"
    )

    first, second = (
        subprocess.run(
            [sys.executable, "-c", command, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
        )
        for _ in range(2)
    )

    assert first.stdout == second.stdout
    assert first.stdout.startswith("offline embedder ready: ")
    assert first.stdout.count("\n") == 1
    assert first.stderr == ""
    (folder,) = (tmp_path / "share" / "lectern").iterdir()
    assert open_artifact(folder) is not None


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64, b"\x02" + b"\0" * 7 + b"[]"])
def test_damaged_weights_are_called_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)

    with pytest.raises(PermanentError, match="are damaged"):
        read_safetensors(path)


def test_safetensors_are_read_as_they_were_written(tmp_path: Path) -> None:
    tensor = np.arange(6, dtype="<f4").reshape(2, 3)
    header = json.dumps(
        {
            "__metadata__": {"format": "pt"},
            "table": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
            "ids": {"dtype": "I64", "shape": [1], "data_offsets": [24, 32]},
        }
    ).encode()
    path = tmp_path / "model.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + tensor.tobytes() + b"\0" * 8)

    tensors = read_safetensors(path)

    assert list(tensors) == ["table"]
    np.testing.assert_array_equal(tensors["table"], tensor)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"cpu.max": "50000 100000\n"}, 1, id="half a CPU"),
        pytest.param({"cpu.max": "max 100000\n"}, None, id="no limit"),
        pytest.param({"cpu.max": "garbage"}, None, id="unreadable"),
        pytest.param(
            {"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1, id="v1"
        ),
        pytest.param(
            {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"},
            None,
            id="v1 without limit",
        ),
        pytest.param({}, None, id="no control group"),
    ],
)
def test_a_containers_quota_limits_the_processors(
    tmp_path: Path, files: dict[str, str], expected: int | None
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)

    assert allotted_processors(tmp_path) == (expected or len(os.sched_getaffinity(0)))


def test_no_thread_waits_in_a_process_that_only_answers_queries(tmp_path: Path) -> None:
    before = {thread.name for thread in threading.enumerate()}
    model = OfflineEmbedder(tmp_path)

    model.embed_query("Who pays for the repair?")

    assert {thread.name for thread in threading.enumerate()} == before
