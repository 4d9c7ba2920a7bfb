"""`import lancedb`."""

from types import ModuleType


def import_lancedb() -> ModuleType:
    import lancedb

    return lancedb
