"""`python -m lectern.models.build`: make the offline embedder's int8 graph once, at set-up.

Takes a few seconds; does nothing when it is there. The measured reasons for this quantisation are
in docs/adr/0006-offline-embedder.md.
"""

import logging
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lectern.errors import PermanentError
from lectern.models.artifact import Artifact, candidate_folders, install, open_artifact, staging
from lectern.models.graph import encoder_graph
from lectern.models.weights import PackagedModel, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

MIN_COSINE = 0.98
"""Least mean cosine to the 32-bit graph; the recipe reaches about .99."""

SENTENCES = (
    "The warranty covers defects in material for two years from the date of purchase.",
    "Refunds are paid within fourteen days after the goods have come back.",
    "What is the notice period for ending a rental contract?",
    "Gradient descent converges linearly on smooth and strongly convex functions.",
    "The patient showed no fever after forty-eight hours of antibiotics.",
    "Set the torque wrench to 25 Nm and tighten the bolts crosswise.",
    "Total revenue rose by 8.4 % to 1,204 million euros in the third quarter.",
    "Cats sleep up to sixteen hours a day.",
    "SELECT name FROM users WHERE last_login < now() - interval '30 days';",
    "휴가 신청은 최소 삼일 전에 해야 합니다.",
    (
        "If the pressure exceeds 6 bar, the valve opens and the pump is switched off until somebody"
        " has confirmed the alarm on the panel; the log keeps the time, the pressure and the name."
    ),
    "a",
)


def ensure_artifact(home: Path) -> Artifact:
    """Return the artifact, building and storing it when there is none that is whole.

    Safe to run twice, also at once: both build, one wins.

    Raises:
        PermanentError: It cannot be built here; the detail says what to run.
    """
    folders = candidate_folders(home)
    for folder in folders:
        if (artifact := open_artifact(folder)) is not None:
            return artifact
    return _build(folders)


def _build(folders: Sequence[Path]) -> Artifact:
    model = PackagedModel()
    weights_sha256 = sha256_of(model.weights)
    with staging(folders) as (fresh, folder):
        shutil.copyfile(model.tokenizer, fresh / "tokenizer.json")
        try:
            cosine = _write_graph(model, fresh)
        except ImportError as error:
            raise PermanentError(
                f"the offline embedder is not built and {error.name!r} is not installed;"
                " run `make setup`, which builds it, or set LECTERN_EMBEDDER=endpoint",
                code="embedder_missing",
            ) from error
        return install(
            fresh,
            folder,
            weights_sha256=weights_sha256,
            tokenizer_sha256=sha256_of(fresh / "tokenizer.json"),
            cosine=cosine,
        )


def _write_graph(model: PackagedModel, folder: Path) -> float:
    """Write `model.onnx` into `folder`; return its mean cosine to the 32-bit graph.

    Per-column scales matter (mean cosine .92 without). 7 bits of weight keep CPUs without VNNI
    from saturating, so that a graph built on one machine gives the same vectors on another
    (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html).
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    tensors = model.tensors()
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".building-") as scratch:
        exact, rounded = Path(scratch, "exact.onnx"), Path(scratch, "rounded.onnx")
        onnx.save(encoder_graph(tensors, int8_words=False), exact)
        with _quiet():
            quantize_dynamic(
                encoder_graph(tensors, int8_words=True),
                rounded,
                op_types_to_quantize=["MatMul", "Attention"],
                per_channel=True,
                reduce_range=True,
                weight_type=QuantType.QInt8,
                extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
            )
        optimise(rounded, folder / "model.onnx")
        cosine = _mean_cosine(folder / "tokenizer.json", exact, folder / "model.onnx")
    if cosine < MIN_COSINE:
        raise PermanentError(
            f"the quantised embedder agrees with the original only to {cosine:.3f} (mean cosine);"
            " this machine computes it wrongly, set LECTERN_EMBEDDER=endpoint",
            code="embedder_damaged",
        )
    return cosine


def optimise(source: Path, target: Path) -> None:
    """Write the graph as onnxruntime optimises it, so that loading need not (23 ms saved)."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])


def _mean_cosine(tokenizer: Path, exact: Path, quantised: Path) -> float:
    from lectern.models.encoder import Encoder

    one, other = (
        Encoder(graph=graph, tokenizer=tokenizer, threads=1) for graph in (exact, quantised)
    )
    both: NDArray[np.float32] = one.encode(SENTENCES) * other.encode(SENTENCES)
    return float(both.sum(axis=1).mean())


@contextmanager
def _quiet() -> "Iterator[None]":
    """Keep the quantiser's advice out of the log: it concerns graphs of unknown origin."""
    root = logging.getLogger()
    root.addFilter(_not_of_the_quantiser)
    try:
        yield
    finally:
        root.removeFilter(_not_of_the_quantiser)


def _not_of_the_quantiser(record: logging.LogRecord) -> bool:
    return "quantization" not in Path(record.pathname).parts


def main() -> None:
    """Build what is missing and say in one line what is there."""
    from lectern.settings import Settings

    artifact = ensure_artifact(Settings().home)
    print(  # noqa: T201 - this is the command's output
        f"offline embedder ready: {artifact.folder} (mean cosine {artifact.cosine:.3f})"
    )


if __name__ == "__main__":
    main()
