"""Entries of the registry as administrators describe and see them."""

from dataclasses import replace
from typing import Any

from lectern.api import ModelChange, ModelEntryReply, ModelRequest
from lectern.catalog.port_models import ModelEntry
from lectern.models.registry_environment import ENVIRONMENT_IDS

_OTHERWISE = frozenset({"key", "rerank_kind"})


def described(model: ModelRequest, *, sealed_key: str = "") -> ModelEntry:
    """Return a model as an entry that is not stored yet."""
    return ModelEntry(
        model_id="",
        dialect=model.rerank_kind or "",
        sealed_key=sealed_key,
        **model.model_dump(exclude=set(_OTHERWISE)),
    )


def changed(entry: ModelEntry, change: ModelChange, *, sealed_key: str) -> ModelEntry:
    """Return the entry with what the change names, and with this key."""
    given: dict[str, Any] = change.model_dump(exclude_none=True, exclude=set(_OTHERWISE))
    if change.rerank_kind is not None:
        given["dialect"] = change.rerank_kind
    return replace(entry, sealed_key=sealed_key, **given)


def shown(entry: ModelEntry) -> ModelEntryReply:
    """Return an entry as administrators see it: never with its key."""
    of_environment = entry.model_id in ENVIRONMENT_IDS
    fields: dict[str, Any] = {
        name: getattr(entry, name)
        for name in ModelEntryReply.model_fields
        if name not in {"has_key", "rerank_kind", "of_environment"}
    }
    return ModelEntryReply.model_validate(
        {
            **fields,
            "rerank_kind": entry.dialect or None,
            "has_key": None if of_environment else bool(entry.sealed_key),
            "of_environment": of_environment,
        }
    )
