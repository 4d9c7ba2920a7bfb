"""What a collection sets for itself: kept as JSON beside it, read by parse and answer."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lectern.documents import EMBEDDER_ID
from lectern.parsers import OCR_LANGUAGE, Parser

_ALWAYS_KNOWN = frozenset({"offline", "endpoint"})
_OTHER_EMBEDDER = "embedding_model"


class CollectionSettings(BaseModel):
    """How a collection is described, parsed and answered from; defaults say: as Lectern does.

    `chunk_tokens` caps the size of chunks parsed from now on; the embedder's limit caps it in turn.
    `embedder` is the id of the model that the collection is embedded with from its first document,
    or from the next time it is embedded anew: `offline`, `endpoint` (the environment's) or that of
    an entry of the registry. `parser` reads its PDFs and pictures; a service that is not configured
    (any more) makes them fail, nothing stands in for it. `ocr_languages` are Tesseract's names
    (`kor`, `eng`), the most frequent first; none means those that are installed. `describe_figures`
    has figures and tables described by the model that was chosen for pictures, where there is one.
    `outer_tools` lets questions about it use tools outside Lectern, which then get what a model
    makes of its documents. `language` is the one of answers, "" for the question's own.
    `answer_style` stands in the place of Lectern's own words on how answers are written, and
    `prompt` is added to the rules of a generated answer. These three count only when a question is
    about this collection alone: nobody's words reach answers from the documents of somebody else.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    description: Annotated[str, Field(max_length=2000)] = ""
    chunk_tokens: Annotated[int, Field(ge=32, le=2048)] | None = None
    embedder: Annotated[str, Field(pattern=EMBEDDER_ID)] | None = None
    parser: Parser | None = None
    ocr_languages: Annotated[
        tuple[Annotated[str, Field(pattern=OCR_LANGUAGE)], ...], Field(max_length=4)
    ] = ()
    describe_figures: bool = True
    outer_tools: bool = False
    language: Literal["", "en", "ko", "ja", "zh"] = ""
    answer_style: Annotated[str, Field(max_length=2000)] = ""
    prompt: Annotated[str, Field(max_length=4000)] = ""

    @model_validator(mode="before")
    @classmethod
    def _as_stored(cls, given: object) -> object:
        if isinstance(given, Mapping) and _OTHER_EMBEDDER in given:
            rest = {name: value for name, value in given.items() if name != _OTHER_EMBEDDER}
            return {"embedder": given[_OTHER_EMBEDDER]} | rest
        return given

    def stored(self) -> dict[str, Any]:
        """Return what is kept: what differs from the defaults.

        A model of the registry stands under a name of its own. Releases before there were such know
        two embedders and no others; they leave a name alone that they do not know.
        """
        kept = self.model_dump(exclude_defaults=True)
        if kept.get("embedder", "offline") not in _ALWAYS_KNOWN:
            kept[_OTHER_EMBEDDER] = kept.pop("embedder")
        return kept
