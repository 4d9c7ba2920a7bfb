"""The OpenAPI 3.1 document of a function, from its endpoints and their pydantic models."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from lectern import __version__

_REF = "#/components/schemas/{model}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What the document says about one endpoint; `doc` is the view's docstring."""

    method: str
    path: str
    name: str
    doc: str
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    reply: type[BaseModel] | None
    status: int


def describe(function: str, endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Return the OpenAPI document of `function`."""
    endpoints = list(endpoints)
    bodies = [(e.body, "validation") for e in endpoints if e.body]
    replies = [(e.reply, "serialization") for e in endpoints if e.reply]
    models: Any = list(dict.fromkeys(bodies + replies))
    references, definitions = models_json_schema(models, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, references)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Lectern {function}", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"bearer": []}],
    }


def _operation(endpoint: Endpoint, references: Any) -> dict[str, Any]:
    summary, _, description = endpoint.doc.strip().partition("\n")
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": summary,
        "description": description.strip(),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": kind or "string"}}
            for kind, name in (
                ({"int": "integer"}.get(kind.rstrip(":"), "string"), name)
                for kind, name in re.findall(r"<(\w+:)?(\w+)>", endpoint.path)
            )
        ],
        "responses": {str(endpoint.status): {"description": "Done."}},
    }
    if endpoint.query:
        schema = endpoint.query.model_json_schema()
        required = set(schema.get("required", ()))
        operation["parameters"] += [
            {"name": name, "in": "query", "required": name in required, "schema": value}
            for name, value in schema.get("properties", {}).items()
        ]
    if endpoint.body:
        content = {"application/json": {"schema": references[(endpoint.body, "validation")]}}
        operation["requestBody"] = {"required": True, "content": content}
    if endpoint.reply:
        content = {"application/json": {"schema": references[(endpoint.reply, "serialization")]}}
        operation["responses"][str(endpoint.status)]["content"] = content
    return operation
