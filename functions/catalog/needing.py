"""Which collections need an embedding model: without it, only their words could be searched."""

from collections.abc import Sequence

from lectern.catalog.port import Catalog
from lectern.catalog.port_models import ModelEntry
from lectern.catalog.records import Collection
from lectern.errors import InvalidRequest
from lectern.models.embedding_identity import embeds
from lectern.models.registry import Known

_NAMED = 5


def require_not_needed(catalog: Catalog, known: Known, model_id: str) -> None:
    """Return if no collection needs the model; an unknown one is needed by none.

    Raises:
        InvalidRequest: Some do (code `model_needed`).
    """
    entry = known.entries.get(model_id)
    if entry is None or entry.kind != "embedding":
        return
    others = [each for each in known.embedding() if each.model_id != model_id]
    needing = [each for each in catalog.collections.embedded() if _needs(each, entry, others)]
    if not needing:
        return
    names = ", ".join(repr(each.name) for each in needing[:_NAMED])
    more = f" and {len(needing) - _NAMED} more" if len(needing) > _NAMED else ""
    raise InvalidRequest(
        f"{len(needing)} collection(s) need the embedding model {entry.name!r}: {names}{more}; "
        "embed them anew with another one first, or remove it with `force`: then they are "
        "searched by their words alone and take no documents until they are embedded anew",
        code="model_needed",
    )


def _needs(collection: Collection, entry: ModelEntry, others: Sequence[ModelEntry]) -> bool:
    if not collection.embedder_fingerprint:
        return collection.settings.embedder == entry.model_id
    return embeds(entry, collection) and not any(embeds(each, collection) for each in others)
