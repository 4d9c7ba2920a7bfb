"""Who may do what in a collection, and the collection's own settings."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lectern.api.bodies import Reply, Request
from lectern.api.notices import Notices
from lectern.documents import EMBEDDER_ID
from lectern.parsers import OCR_LANGUAGE, Parser

EmbedderId = Annotated[str, Field(pattern=EMBEDDER_ID)]
"""`offline`, `endpoint` (the environment's), or the id of a model of the registry."""
GranteeKind = Literal["user", "group", "everyone"]
GrantRole = Literal["viewer", "editor"]


class GrantRequest(Request):
    """A right for a user, a group or everyone who can sign in; `id` is "" for everyone."""

    kind: GranteeKind
    id: Annotated[str, Field(max_length=64)] = ""
    role: GrantRole

    @model_validator(mode="after")
    def _names_its_grantee(self) -> Self:
        if (self.kind == "everyone") == bool(self.id):
            message = "'id' names a user or a group, and is empty for everyone"
            raise ValueError(message)
        return self


class GrantsRequest(Request):
    """All rights a collection shall have beside its owner's; what is left out is taken away."""

    grants: Annotated[list[GrantRequest], Field(max_length=500)]


class GrantReply(Reply):
    """A right in a collection; `name` is the user's or the group's, "" for everyone."""

    kind: GranteeKind
    id: str
    name: str
    role: GrantRole


class GrantList(Reply):
    """The rights in a collection: users first, then groups, then everyone, each by name."""

    grants: list[GrantReply]


class OwnerRequest(Request):
    """Who shall own a collection."""

    user_id: Annotated[str, Field(min_length=1, max_length=64)]


class PeopleQuery(Request):
    """What the name of a user or a group shall contain, whatever the case."""

    query: Annotated[str, Field(max_length=100)] = ""
    limit: Annotated[int, Field(ge=1, le=50)] = 20


class PersonReply(Reply):
    """Somebody to share with; `account` is the name a user signs in with, "" for a group.

    Two people may be called the same; their accounts differ.
    """

    kind: Literal["user", "group"]
    id: str
    name: str
    account: str = ""


class PeopleList(Reply):
    """Users first, then groups; of each, names that begin with what was asked, then by name."""

    people: list[PersonReply]


class CollectionChange(Request):
    """A new name of a collection; its slug stays, so that addresses go on working."""

    name: Annotated[str, Field(min_length=1, max_length=100)]


class EmbedderChoice(Reply):
    """An embedder at hand; `default` marks the one that collections without a choice get."""

    embedder: EmbedderId
    name: str
    default: bool


class CollectionChoices(Reply):
    """What there is to choose from here: parsers that are configured, OCR languages installed."""

    embedders: list[EmbedderChoice]
    parsers: list[Parser]
    ocr_languages: list[str]


class CollectionSettingsReply(Reply):
    """How a collection is parsed and answered from; None and "" say: as Lectern's own settings.

    `chunk_tokens`, `parser`, `ocr_languages` and `describe_figures` (by the model that was chosen
    for pictures, where there is one) count for documents parsed from now on. `language` (of
    answers), `answer_style` (in the place of Lectern's own words on how answers are written)
    and `prompt` (added to the rules of a generated answer) count when a question is about this
    collection alone. `embedder` counts when the collection is embedded for the first
    time or anew: until then `reembedding_needed` says that its vectors are another one's.
    `warnings` are what cannot be done as it is set.
    """

    description: str
    chunk_tokens: int | None
    embedder: EmbedderId | None
    parser: Parser | None
    ocr_languages: list[str]
    describe_figures: bool
    outer_tools: bool
    language: str
    answer_style: str
    prompt: str
    reembedding_needed: bool
    choices: CollectionChoices
    warnings: Notices


class CollectionSettingsChange(Request):
    """Settings to change; what is left out stays, and None sets back to the default."""

    description: Annotated[str, Field(max_length=2000)] | None = None
    chunk_tokens: Annotated[int, Field(ge=32, le=2048)] | None = None
    embedder: EmbedderId | None = None
    parser: Parser | None = None
    ocr_languages: (
        Annotated[list[Annotated[str, Field(pattern=OCR_LANGUAGE)]], Field(max_length=4)] | None
    ) = None
    describe_figures: bool | None = None
    outer_tools: bool | None = None
    language: Literal["", "en", "ko", "ja", "zh"] | None = None
    answer_style: Annotated[str, Field(max_length=2000)] | None = None
    prompt: Annotated[str, Field(max_length=4000)] | None = None
