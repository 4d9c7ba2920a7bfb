"""The quantised model on disk: one folder, made whole or not at all, checked when it is read."""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from lectern.errors import PermanentError, TransientError
from lectern.models.weights import sha256_of

RECIPE = (
    "all-MiniLM-L6-v2; 256 tokens; mean pooling; unit length; words int8 by row;"
    " products int8 by column in 7 bits; activations uint8, scaled for each text alone"
)
"""What the stored graph computes. Change it whenever the vectors change."""

_MANIFEST = "manifest.json"
_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Artifact:
    """A checked folder with the graph, the tokeniser and what they were made from."""

    folder: Path
    fingerprint: str
    graph_sha256: str
    tokenizer_sha256: str
    cosine: float
    """Mean cosine between its vectors and those of the 32-bit graph, measured when built."""

    @property
    def graph(self) -> Path:
        """The quantised graph."""
        return self.folder / "model.onnx"

    @property
    def tokenizer(self) -> Path:
        """The tokeniser, kept beside it so that the folder is enough to embed."""
        return self.folder / "tokenizer.json"


def fingerprint(*, weights_sha256: str, tokenizer_sha256: str) -> str:
    """Return the identity of the vectors that `RECIPE` makes of these files."""
    parts = f"{RECIPE}\n{weights_sha256}\n{tokenizer_sha256}"
    return "offline-" + hashlib.sha256(parts.encode()).hexdigest()[:24]


def candidate_folders(home: Path) -> Sequence[Path]:
    """Return where the artifact may be, in the order of search: environment, user, data folder.

    The name tells recipe and onnxruntime version apart: the stored graph is already optimised,
    and a runtime need not understand what another version optimised.
    """
    import onnxruntime

    key = hashlib.sha256(f"{RECIPE}\n{onnxruntime.__version__}".encode()).hexdigest()[:12]
    roots = (Path(sys.prefix) / "share", *_user_cache(), home / "models")
    return [root / "lectern" / f"all-MiniLM-L6-v2-{key}" for root in roots]


def _user_cache() -> Sequence[Path]:
    """Return the user's cache folder; a container's user may have none."""
    if configured := os.environ.get("XDG_CACHE_HOME"):
        return [Path(configured)]
    try:
        return [Path.home() / ".cache"]
    except RuntimeError:
        return []


def open_artifact(folder: Path) -> Artifact | None:
    """Return the artifact in `folder`, or None when it is absent, incomplete or altered."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text())
        artifact = Artifact(folder=folder, **manifest)
        whole = (
            sha256_of(artifact.graph) == artifact.graph_sha256
            and sha256_of(artifact.tokenizer) == artifact.tokenizer_sha256
        )
    except (OSError, ValueError, TypeError):
        return None
    return artifact if whole else None


@contextmanager
def staging(folders: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    """Give a fresh folder to build in, beside the first of `folders` whose parent is writable.

    Yields:
        The fresh folder, removed at the end if it is still there, and where it should go.

    Raises:
        PermanentError: None of the places is writable.
    """
    for folder in folders:
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(prefix=".building-", dir=folder.parent))
        except OSError:
            continue
        try:
            yield fresh, folder
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return
    places = ", ".join(repr(str(folder.parent)) for folder in folders)
    raise PermanentError(
        f"the offline embedder cannot be stored: none of {places} is writable; make one so, or"
        " run `python -m lectern.models.build` when the image is built",
        code="embedder_missing",
    )


def install(
    fresh: Path, folder: Path, *, weights_sha256: str, tokenizer_sha256: str, cosine: float
) -> Artifact:
    """Seal the files in `fresh` with a manifest and move them to `folder` in one step.

    Whoever loses a race takes the winner's artifact; a damaged one in the way is replaced.

    Raises:
        TransientError: Others kept getting in the way.
    """
    sealed = Artifact(
        folder=folder,
        fingerprint=fingerprint(weights_sha256=weights_sha256, tokenizer_sha256=tokenizer_sha256),
        graph_sha256=sha256_of(fresh / "model.onnx"),
        tokenizer_sha256=tokenizer_sha256,
        cosine=cosine,
    )
    manifest = asdict(sealed)
    del manifest["folder"]
    (fresh / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
    fresh.chmod(0o755)  # mkdtemp keeps others out; a container runs as another user
    for _ in range(_ATTEMPTS):
        try:
            fresh.rename(folder)
        except OSError:
            winner = open_artifact(folder)
            if winner is not None:
                return winner
            _discard(folder)
        else:
            return sealed
    raise TransientError(
        f"the offline embedder cannot be moved to {str(folder)!r}; remove what is there and start"
        " again",
        code="embedder_missing",
    )


def _discard(folder: Path) -> None:
    """Take what is at `folder` out of the way in one step, then remove it."""
    aside = Path(tempfile.mkdtemp(prefix=".damaged-", dir=folder.parent))
    try:
        folder.rename(aside / folder.name)
    except FileNotFoundError:  # somebody else did it first
        return
    finally:
        shutil.rmtree(aside, ignore_errors=True)
