"""The rerankers of an installation as one: the next is tried when one fails."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from lectern import telemetry
from lectern.errors import LecternError
from lectern.models.registry_fallback import passes_on

if TYPE_CHECKING:
    from lectern.catalog.port_models import ModelEntry
    from lectern.models.ports import Reranker


class ChosenReranker:
    """See `Reranker`. All attempts together begin within the time limit of the first.

    Args:
        chain: Entries with what makes their clients, the first choice first; at least one.
    """

    def __init__(self, chain: "Sequence[tuple[ModelEntry, Callable[[], Reranker]]]") -> None:
        self.name = chain[0][0].model
        self._chain = chain

    def rerank(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """See `Reranker.rerank`."""
        until = monotonic() + self._chain[0][0].timeout_s
        *others, (last, make_last) = self._chain
        for entry, make in others:
            try:
                return make().rerank(query, texts)
            except LecternError as error:
                if not passes_on(error) or monotonic() > until:
                    raise
                telemetry.logger.warning(
                    "reranker failed", extra={"model_id": entry.model_id, "code": error.code}
                )
        self.name = last.model
        return make_last().rerank(query, texts)
