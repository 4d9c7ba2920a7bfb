"""What was typed as a request, or a usage error that says what does not fit."""

from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from pydantic import BaseModel

M = TypeVar("M", bound="BaseModel")


def valid(model: type[M], **fields: Any) -> M:
    """Return a request of these fields.

    Raises:
        click.UsageError: They do not fit.
    """
    from pydantic import ValidationError

    try:
        return model(**fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise click.UsageError(f"{place}: {first['msg']}") from error
