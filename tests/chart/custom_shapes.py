"""Whether an object of a custom kind fits its CRD, strictly: fields nobody declares are errors.

The API server prunes such fields silently, which turns a typo into a setting that does nothing.
The CRDs of Knative lie beside the project, where there are any.
"""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

CRDS = Path(__file__).resolve().parents[2].parent / "shared" / "knative-crds"
_METADATA = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {
            "type": "string",
            "pattern": r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
            "maxLength": 253,
        },
        "namespace": {"type": "string"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def has_schema(obj: Mapping[str, Any]) -> bool:
    """Return whether the kind of `obj` has a CRD at hand."""
    return (obj["apiVersion"], obj["kind"]) in _validators()


def schema_errors(obj: Mapping[str, Any]) -> list[str]:
    """Return where `obj` does not fit its CRD."""
    validator = _validators()[obj["apiVersion"], obj["kind"]]
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(obj)]


@functools.cache
def _validators() -> Mapping[tuple[str, str], Draft202012Validator]:
    found = {}
    for path in sorted(CRDS.glob("*.yaml")):
        for crd in yaml.load_all(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
            spec = crd["spec"]
            for version in spec["versions"]:
                schema = _closed(version["schema"]["openAPIV3Schema"])
                schema["properties"] = {
                    **schema.get("properties", {}),
                    "apiVersion": {"type": "string"},
                    "kind": {"type": "string"},
                    "metadata": _METADATA,
                }
                key = (f"{spec['group']}/{version['name']}", spec["names"]["kind"])
                found[key] = Draft202012Validator(schema)
    return found


def _closed(schema: Any) -> Any:
    """Return `schema` as JSON Schema in which undeclared fields are errors."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(each) for name, each in schema.items()}
    if closed.pop("x-kubernetes-int-or-string", False):
        closed["type"] = ["integer", "string"]
    if closed.pop("nullable", False) and isinstance(closed.get("type"), str):
        closed["type"] = [closed["type"], "null"]
    is_open = closed.pop("x-kubernetes-preserve-unknown-fields", False)
    if "properties" in closed and not is_open:
        closed.setdefault("additionalProperties", False)
    return closed
