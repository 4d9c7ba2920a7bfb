"""What the models of every service's replies have in common."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel


class Wire(BaseModel):
    """A part of a reply. Unknown fields are ignored; one that is null counts as left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if isinstance(data, dict) and None in data.values():
            return {name: value for name, value in data.items() if value is not None}
        return data


class CamelWire(Wire):
    """The same of a service that writes `pageNumber` for `page_number`."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_alias=True)
