"""What LanceDB's errors mean. It raises `ValueError` and `RuntimeError` with prose, so we read it.

The texts are those of LanceDB 0.40. The contract tests provoke a missing table, a dropped one and a
wrong dimension; conflicts and an unreachable store are taken from measurements of it.
"""

from lectern.errors import LecternError, PermanentError, TransientError

_RETRY_AFTER_S = 5

_MISSING_TABLE = ("was not found",)
_STALE = ("Not found:", "LanceError(NotFound)", "not found: ")
_CONFLICT = ("Too many concurrent writers", "conflict", "PreconditionFailed")
_MISMATCH = (
    "No vector column found to match with the query vector dimension",
    "Cannot cast to FixedSizeList",
    "cannot be cast to",
    "does not match the dimension",
)
_UNREACHABLE = (
    "Failed to connect to namespace",
    "LanceError(IO)",
    "Generic S3 error",
    "Generic LocalFileSystem error",
    "error sending request",
    "timed out",
)


def table_is_missing(error: Exception) -> bool:
    """Return whether the table does not exist (yet, or any more)."""
    return isinstance(error, ValueError) and _says(error, _MISSING_TABLE)


def handle_is_stale(error: Exception) -> bool:
    """Return whether a file is gone that the opened version needs: cleaned up, or dropped."""
    return _says(error, _STALE)


def is_conflict(error: Exception) -> bool:
    """Return whether other writers kept winning until LanceDB gave up."""
    return _says(error, _CONFLICT)


def translated(error: Exception) -> LecternError | None:
    """Return the error of our taxonomy that `error` means, or None if it is a bug of ours."""
    if _says(error, _MISMATCH):
        return embedder_mismatch("the index refuses the vectors' dimension")
    if is_conflict(error):
        return TransientError(
            "too many writers compete for this collection's index",
            code="index_busy",
            retry_after_s=_RETRY_AFTER_S,
        )
    if handle_is_stale(error) or _says(error, _UNREACHABLE):
        return TransientError(
            "the index cannot be read or written just now",
            code="index_unreachable",
            retry_after_s=_RETRY_AFTER_S,
        )
    return None


def embedder_mismatch(what: str) -> PermanentError:
    """Return the error of vectors that cannot live in this collection."""
    return PermanentError(
        f"{what}; embed the collection anew (reprocess its documents), or set the embedder that "
        "it was built with",
        code="embedder_mismatch",
    )


def _says(error: Exception, texts: tuple[str, ...]) -> bool:
    message = str(error)
    return any(text in message for text in texts)
