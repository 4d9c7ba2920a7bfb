"""The index: one LanceDB database per collection; the only package that imports lancedb."""

from lectern.index.rows import text_digest
from lectern.index.wiring import collection_index, reading_index

__all__ = ["collection_index", "reading_index", "text_digest"]
