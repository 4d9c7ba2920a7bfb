"""Prompts: what models are told, and which part of it people may say in their own words."""

from typing import Annotated

from pydantic import Field

from lectern.api.bodies import Reply, Request
from lectern.api.receipts import StyleOrigin


class PromptReply(Reply):
    """A prompt: `rules` hold for everybody.

    `style` is Lectern's own words on how to write, "" for a prompt that writes nothing for readers.
    `style_in_effect` is what the model gets in its place, and `style_of` whose that is.
    """

    name: str
    version: int
    rules: str
    style: str
    style_in_effect: str
    style_of: StyleOrigin


class PromptList(Reply):
    """The prompts of this version of Lectern, by name."""

    prompts: list[PromptReply]


class PromptQuery(Request):
    """With a collection (id or slug), what is in effect there; else, elsewhere."""

    collection: Annotated[str, Field(max_length=100)] = ""
