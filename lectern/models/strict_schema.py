"""JSON schemas as endpoints take them in strict mode, where every reply surely fits.

Strict mode knows a part of JSON schema: every property is required, no other is allowed, and
bounds of values are not part of it; see "Structured outputs" in OpenAI's documentation. What a
schema loses that way is checked here anyway, when the reply is read.
"""

from collections.abc import Mapping
from typing import Any

_KEPT = frozenset(
    {"type", "properties", "required", "items", "enum", "const", "anyOf", "$ref", "$defs"}
    | {"description", "additionalProperties"}
)


def strict_schema(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the strict form of `schema`, or None where it has none: an object of any fields.

    A property that may be left out may be null instead; see `without_nulls`.
    """
    try:
        return _strict(schema)
    except _AnyFieldsError:
        return None


def without_nulls(value: Any) -> Any:
    """Return a reply without the properties that are null: they stand for what was left out."""
    if isinstance(value, dict):
        return {name: without_nulls(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [without_nulls(each) for each in value]
    return value


class _AnyFieldsError(Exception):
    """There is an object whose fields nobody names."""


def _strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in schema.items() if name in _KEPT}
    for name in ("$defs", "properties"):
        if name in kept:
            kept[name] = {key: _strict(each) for key, each in kept[name].items()}
    if "items" in kept:
        kept["items"] = _strict(kept["items"])
    if "anyOf" in kept:
        kept["anyOf"] = [_strict(each) for each in kept["anyOf"]]
    if kept.get("type") != "object":
        return kept
    if "properties" not in kept:
        raise _AnyFieldsError
    required = set(schema.get("required", ()))
    kept["properties"] = {
        name: each if name in required else _nullable(each)
        for name, each in kept["properties"].items()
    }
    kept["required"] = list(kept["properties"])
    kept["additionalProperties"] = False
    return kept


def _nullable(schema: Mapping[str, Any]) -> dict[str, Any]:
    described = {name: schema[name] for name in ("description",) if name in schema}
    bare = {name: value for name, value in schema.items() if name not in described}
    return described | {"anyOf": [bare, {"type": "null"}]}
