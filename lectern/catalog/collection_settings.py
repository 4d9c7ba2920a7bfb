"""What a collection sets for itself: kept as JSON beside it, read by parse and answer."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class CollectionSettings(BaseModel):
    """How a collection is described, parsed and answered from; defaults say: as Lectern does.

    `chunk_tokens` caps the size of chunks parsed from now on; the embedder's limit caps it in turn.
    `language` is the one of answers, "" for the question's own. `prompt` is added to the rules of a
    generated answer. Both count only when a question is about this collection alone: nobody's
    words reach answers from the documents of somebody else.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    description: Annotated[str, Field(max_length=2000)] = ""
    chunk_tokens: Annotated[int, Field(ge=32, le=2048)] | None = None
    language: Literal["", "en", "ko", "ja", "zh"] = ""
    prompt: Annotated[str, Field(max_length=4000)] = ""
