"""Schemas for endpoints in strict mode, and what they allow."""

from typing import Any

import pytest
from pydantic import BaseModel, Field

from functions.answer.mind_maps.written import _Map
from functions.answer.reasoning.decomposing import Parts
from functions.answer.reasoning.planning import FilledIn, Plan
from functions.answer.reasoning.stepping import Action
from lectern.models.chat_request import ChatRequest, Dialect
from lectern.models.strict_schema import strict_schema, without_nulls

SHAPES: list[type[BaseModel]] = [Parts, Plan, FilledIn, Action, _Map]
KNOWN = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf"),
    *("$ref", "$defs", "description"),
}


class Address(BaseModel):
    """An inner object."""

    town: str = Field(max_length=5)
    street: str = ""


class Person(BaseModel):
    """An outer object."""

    name: str = Field(description="in full", pattern="x")
    addresses: list[Address] = []
    age: int | None = Field(default=None, ge=0)


def faults(schema: dict[str, Any]) -> list[str]:
    """Return what strict mode would refuse, as OpenAI documents it."""
    found = [f"unknown {name}" for name in schema if name not in KNOWN]
    if schema.get("type") == "object":
        names = set(schema["properties"])
        if set(schema["required"]) != names or schema["additionalProperties"] is not False:
            found.append(f"not all of {names} and nothing else")
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    inner += [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]
    return found + [fault for each in inner for fault in faults(each)]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_sent_as_strict_mode_takes_it_or_not_as_strict(
    shape: type[BaseModel],
) -> None:
    request = ChatRequest((), schema=shape.model_json_schema())

    sent = Dialect().body(request, model="m")["response_format"]["json_schema"]

    free_form = strict_schema(shape.model_json_schema()) is None
    assert sent["strict"] is not free_form
    assert free_form or faults(sent["schema"]) == []


def test_what_may_be_left_out_may_be_null_and_bounds_go() -> None:
    schema = strict_schema(Person.model_json_schema())

    assert schema is not None
    assert faults(schema) == []
    assert schema["properties"]["name"] == {"description": "in full", "type": "string"}
    assert schema["properties"]["addresses"]["anyOf"][1] == {"type": "null"}


def test_a_null_stands_for_what_was_left_out() -> None:
    said = {"name": "x", "addresses": [{"town": "Rome", "street": None}], "age": None}

    person = Person.model_validate(without_nulls(said))

    assert person.addresses == [Address(town="Rome")]


def test_an_object_of_any_fields_has_no_strict_form() -> None:
    assert strict_schema({"type": "object"}) is None
    assert strict_schema({"type": "object", "properties": {"a": {"type": "object"}}}) is None
