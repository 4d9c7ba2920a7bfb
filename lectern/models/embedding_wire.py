"""The wire format of an embeddings reply, checked before a number of it is used."""

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from lectern.errors import PermanentError, TransientError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def read_embeddings(body: bytes, *, count: int, dimensions: int | None) -> "NDArray[np.float32]":
    """Return shape (count, dimensions), float32, unit length, in the order of the request.

    Vectors may come as lists of numbers or as base64 of little-endian 32-bit floats, in the order
    their `index` says, or in that of the request when the server gives none.

    Args:
        body: The body of a successful reply.
        count: How many texts were sent.
        dimensions: What earlier replies had, or None for the first one.

    Raises:
        TransientError: The reply is malformed (code `embedding_malformed`).
        PermanentError: The vectors have another dimension than earlier ones (code
            `embedding_dimensions`): another model answers now.
    """
    import numpy as np

    rows = _rows(body)
    if len(rows) != count:
        raise _malformed(f"holds {len(rows)} vectors for {count} texts")
    vectors = [_vector(row.get("embedding")) for row in _in_order(rows)]
    widths = {vector.size for vector in vectors}
    if len(widths) != 1 or 0 in widths:
        raise _malformed(f"holds vectors of unlike dimensions {sorted(widths)}")
    matrix = np.stack(vectors).astype(np.float64)
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and lengths.all()):
        raise _malformed("holds a vector with no direction (zero, infinite or not a number)")
    if dimensions is not None and matrix.shape[1] != dimensions:
        raise PermanentError(
            f"the embedding endpoint gives {matrix.shape[1]} dimensions where it gave"
            f" {dimensions}; check LECTERN_EMBEDDING_MODEL and what serves it, then restart",
            code="embedding_dimensions",
        )
    unit: NDArray[np.float32] = (matrix / lengths).astype(np.float32)
    return unit


def _rows(body: bytes) -> list[dict[str, Any]]:
    try:
        rows = json.loads(body)["data"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _malformed("holds no JSON object with 'data'") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _malformed("holds no list of objects in 'data'")
    return rows


def _in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if all("index" not in row for row in rows):
        return rows
    by_index = {row["index"]: row for row in rows if type(row.get("index")) is int}
    if sorted(by_index) != list(range(len(rows))):
        raise _malformed("does not number its vectors from 0 upwards, each once")
    return [by_index[index] for index in range(len(rows))]


def _vector(value: object) -> "NDArray[np.float32]":
    import numpy as np

    try:
        if isinstance(value, str):
            return np.frombuffer(base64.b64decode(value, validate=True), dtype="<f4")
        if isinstance(value, list) and all(type(number) in {int, float} for number in value):
            return np.array(value, dtype=np.float32)
    except (binascii.Error, ValueError, OverflowError) as error:
        raise _malformed("holds a vector that cannot be read") from error
    raise _malformed("holds a vector that is neither a list of numbers nor base64")


def _malformed(what: str) -> TransientError:
    return TransientError(
        f"the embedding endpoint's reply {what}; check that LECTERN_EMBEDDING_URL ends where"
        " /embeddings follows",
        code="embedding_malformed",
    )
