"""The wire format of an embeddings reply, checked before a number of it is used."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lectern.errors import PermanentError, TransientError
from lectern.models.embedding_errors import ENVIRONMENT, EmbeddingPlace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Embedded:
    """What a reply holds.

    `vectors` have shape (count, dimensions), float32, unit length, in the order of the request.
    `tokens` are what the server counted, 0 when it does not say.
    """

    vectors: "NDArray[np.float32]"
    tokens: int


def read_embeddings(
    body: bytes, *, count: int, dimensions: int | None, place: EmbeddingPlace = ENVIRONMENT
) -> Embedded:
    """Return what a reply holds.

    Vectors may come as lists of numbers or as base64 of little-endian 32-bit floats, in the order
    their `index` says, or in that of the request when the server gives none.

    Args:
        body: The body of a successful reply.
        count: How many texts were sent.
        dimensions: What was asked for, or what earlier replies had; None for the first one.
        place: Where the model is set up.

    Raises:
        TransientError: The reply is malformed (code `embedding_malformed`).
        PermanentError: The vectors have another dimension than earlier ones (code
            `embedding_dimensions`): another model answers now.
    """
    import numpy as np

    reply = _reply(body, place)
    rows = reply["data"]
    if len(rows) != count:
        raise _malformed(f"holds {len(rows)} vectors for {count} texts", place)
    vectors = [_vector(row.get("embedding"), place) for row in _in_order(rows, place)]
    widths = {vector.size for vector in vectors}
    if len(widths) != 1 or 0 in widths:
        raise _malformed(f"holds vectors of unlike dimensions {sorted(widths)}", place)
    matrix = np.stack(vectors).astype(np.float64)
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and lengths.all()):
        raise _malformed("holds a vector with no direction (zero, infinite or not a number)", place)
    if dimensions is not None and matrix.shape[1] != dimensions:
        raise PermanentError(
            f"{place.endpoint} gives {matrix.shape[1]} dimensions where it gave {dimensions} before"
            f" or was asked for them; check {place.dimensions} and what serves the model",
            code="embedding_dimensions",
        )
    unit: NDArray[np.float32] = (matrix / lengths).astype(np.float32)
    return Embedded(unit, _counted(reply))


def _reply(body: bytes, place: EmbeddingPlace) -> dict[str, Any]:
    try:
        reply: dict[str, Any] = json.loads(body)
        rows = reply["data"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _malformed("holds no JSON object with 'data'", place) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _malformed("holds no list of objects in 'data'", place)
    return reply


def _counted(reply: dict[str, Any]) -> int:
    usage = reply.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    found = (usage.get(name) for name in ("prompt_tokens", "total_tokens"))
    return next((tokens for tokens in found if type(tokens) is int and tokens > 0), 0)


def _in_order(rows: list[dict[str, Any]], place: EmbeddingPlace) -> list[dict[str, Any]]:
    if all("index" not in row for row in rows):
        return rows
    by_index = {row["index"]: row for row in rows if type(row.get("index")) is int}
    if sorted(by_index) != list(range(len(rows))):
        raise _malformed("does not number its vectors from 0 upwards, each once", place)
    return [by_index[index] for index in range(len(rows))]


def _vector(value: object, place: EmbeddingPlace) -> "NDArray[np.float32]":
    import numpy as np

    try:
        if isinstance(value, str):
            return np.frombuffer(base64.b64decode(value, validate=True), dtype="<f4")
        if isinstance(value, list) and all(type(number) in {int, float} for number in value):
            return np.array(value, dtype=np.float32)
    except (binascii.Error, ValueError, OverflowError) as error:
        raise _malformed("holds a vector that cannot be read", place) from error
    raise _malformed("holds a vector that is neither a list of numbers nor base64", place)


def _malformed(what: str, place: EmbeddingPlace) -> TransientError:
    return TransientError(
        f"the reply of {place.endpoint} {what}; check that {place.url} ends where /embeddings"
        " follows",
        code="embedding_malformed",
    )
