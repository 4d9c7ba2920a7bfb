"""What a reader has to know beside a result, for programs and for people of any language."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator

from lectern.api.bodies import Reply


class Notice(Reply):
    """Something that was not done, or not as it was asked.

    `detail` is an English sentence. `code` is stable, so that a user interface can say the same in
    the reader's language with `parameters`.
    """

    code: str
    detail: str
    parameters: Mapping[str, str | int] = {}


def _of_text(given: object) -> object:
    """Return notices of `given`: answers stored before there were codes have sentences only."""
    if not isinstance(given, list):
        return given
    return [{"code": "other", "detail": e} if isinstance(e, str) else e for e in given]


Notices = Annotated[list[Notice], BeforeValidator(_of_text)]
"""Notices in the order they came up."""
