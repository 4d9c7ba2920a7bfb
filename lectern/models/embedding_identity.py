"""Which vectors go together: the fingerprint of an embedding model.

It covers what decides on a vector as far as one can see it from outside: the server, the model's
name there, the length of its vectors and the prefixes. It covers neither the key nor price, time
limit or name of an entry, so those may change. Two entries of one model at one server share it, and
stand in for each other.
"""

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from lectern.catalog.port_models import ModelEntry
    from lectern.catalog.records import Collection

OFFLINE = "offline"
"""The entry of the embedder in this process."""
ENDPOINT = "endpoint"
"""The entry of the environment's endpoint."""
ENDPOINT_MARK = "endpoint-"
"""How the fingerprint of an endpoint's embedder begins."""

_USUAL_PATHS = frozenset({"", "/v1"})


def endpoint_place(url: str, *, path_counts: bool = True) -> str:
    """Return the server at `url` as a fingerprint knows it, without scheme, user or password.

    A path other than `/v1` counts, for a gateway has its models at several: it may well call them
    all by the same name. That of the environment's endpoint never did, and so does not count.
    """
    parts = urlsplit(url.rstrip("/"))
    host = parts.netloc.rpartition("@")[2].lower()
    return host + parts.path if path_counts and parts.path not in _USUAL_PATHS else host


def endpoint_fingerprint(
    place: str, model: str, dimensions: int, *, query_prefix: str = "", passage_prefix: str = ""
) -> str:
    """Return the fingerprint of vectors of this length from a model at an `endpoint_place`."""
    identity = f"{place}\n{model}\n{dimensions}"
    if query_prefix or passage_prefix:
        identity += f"\n{query_prefix!r}\n{passage_prefix!r}"
    return ENDPOINT_MARK + hashlib.sha256(identity.encode()).hexdigest()[:24]


def made_by(entry: "ModelEntry", fingerprint: str, dimensions: int) -> bool:
    """Return whether vectors of this fingerprint and length are an entry's; asks no endpoint.

    Of the offline embedder this says only that no endpoint made them.
    """
    if entry.model_id == OFFLINE:
        return bool(fingerprint) and not fingerprint.startswith(ENDPOINT_MARK)
    if entry.dimensions and entry.dimensions != dimensions:
        return False
    return fingerprint == endpoint_fingerprint(
        endpoint_place(entry.url, path_counts=entry.model_id != ENDPOINT),
        entry.model,
        dimensions,
        query_prefix=entry.query_prefix,
        passage_prefix=entry.passage_prefix,
    )


def embeds(entry: "ModelEntry", collection: "Collection") -> bool:
    """Return whether the vectors of a collection are an entry's; asks no endpoint.

    Of the offline embedder its name has to do, for its fingerprint takes reading its weights.
    """
    return collection.embedder == entry.model and made_by(
        entry, collection.embedder_fingerprint, collection.dimensions
    )
