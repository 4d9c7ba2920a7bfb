"""`import lancedb` at a third of its price: 1.05 s -> 0.30 s of CPU (measured, 0.40, Python 3.11).

Most of the plain import builds some 150 pydantic models of a REST client for remote namespaces,
which a folder or a bucket never uses. While LanceDB is being imported, a finder answers for that
client with classes that stand in for the real ones and load them when they are first used;
afterwards no trace remains in `sys.modules`. Deferring pydantic's schemas and parts of pyarrow as
well was measured to bring nothing more.

It knows LanceDB 0.40. Whatever goes differently makes it fall back to the plain import, which
`LECTERN_PLAIN_IMPORT=1` asks for outright; `tests/contract/test_fast_import.py` fails when an
upgrade has made it fall back.
"""

import importlib
import importlib.machinery
import importlib.util
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from types import ModuleType
from typing import Any

from lectern import telemetry

_CLIENT = "lance_namespace_urllib3_client"
_EXTENSION = "lancedb._lancedb"  # compiled; panics when it is initialised a second time
_lock = threading.Lock()


def import_lancedb() -> Any:
    """Return the module `lancedb`, imported the cheap way if possible. Call it after the fork."""
    with _lock:
        if "lancedb" in sys.modules:
            return sys.modules["lancedb"]
        if os.environ.get("LECTERN_PLAIN_IMPORT") == "1":
            return importlib.import_module("lancedb")
        before = set(sys.modules)
        try:
            return _cheaply()
        except Exception:  # noqa: BLE001 - of whatever kind: the plain import decides
            telemetry.logger.warning("the cheap import of lancedb failed", exc_info=True)
            for name in set(sys.modules) - before - {_EXTENSION}:
                if name.partition(".")[0] in {"lancedb", "lance_namespace", _CLIENT}:
                    del sys.modules[name]
            return importlib.import_module("lancedb")


def _cheaply() -> Any:
    with _stand_ins(), _no_override_checks():
        return importlib.import_module("lancedb")


class _StandIn(type):
    """A class that stands in for a model of the client until somebody uses it."""

    def _real(cls) -> Any:
        return getattr(importlib.import_module(f"{_CLIENT}.models"), cls.__name__)

    def __call__(cls, *args: Any, **fields: Any) -> Any:
        return cls._real()(*args, **fields)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(cls._real(), name)

    def __instancecheck__(cls, instance: object) -> bool:
        return type(instance).__name__ == cls.__name__


def _stand_in(name: str) -> type:
    if name.startswith("__"):
        raise AttributeError(name)
    return _StandIn(name, (), {})


class _ClientFinder(MetaPathFinder, Loader):
    """Answers for the client's modules with empty ones whose every name is a stand-in."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        if fullname.partition(".")[0] != _CLIENT:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__getattr__"] = _stand_in


@contextmanager
def _stand_ins() -> Iterator[None]:
    if _CLIENT in sys.modules or importlib.util.find_spec(_CLIENT) is None:
        yield
        return
    finder = _ClientFinder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] == _CLIENT]:
            del sys.modules[name]


@contextmanager
def _no_override_checks() -> Iterator[None]:
    """Skip the comparison of every method's signature with its base's (Python before 3.12)."""
    if "overrides" in sys.modules or sys.version_info >= (3, 12):
        yield
        return
    stub = ModuleType("overrides")
    stub.__dict__.update(EnforceOverrides=type("EnforceOverrides", (), {}), override=lambda f: f)
    sys.modules["overrides"] = stub
    try:
        yield
    finally:
        del sys.modules["overrides"]
