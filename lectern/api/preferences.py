"""A user's own settings: typed here, with their defaults; only differences are stored."""

from typing import Annotated, Literal

from pydantic import Field

from lectern.api.answers import AnswerLanguage, CitationStyle, Reasoning
from lectern.api.bodies import Reply, Request
from lectern.api.search import SearchMode
from lectern.documents import DocumentSort

Theme = Literal["system", "light", "dark"]
InterfaceLanguage = Literal["", "en", "ko"]


class UserSettings(Reply):
    """Settings in effect. `language` "" is the browser's; `answer_language` "", the question's.

    `answer_style` stands in the place of Lectern's own words on how answers are written, "" leaves
    them; `GET /v1/prompts` shows them.
    """

    language: InterfaceLanguage = ""
    answer_language: AnswerLanguage = ""
    top_k: Annotated[int, Field(ge=1, le=50)] = 8
    mode: SearchMode = "hybrid"
    reasoning: Reasoning = "simple"
    rerank: bool = False
    answer_style: Annotated[str, Field(max_length=2000)] = ""
    citation_style: CitationStyle = "inline"
    theme: Theme = "system"
    documents_sort: DocumentSort = "-created"


class UserSettingsChange(Request):
    """What shall become different; fields left out stay, a default's value resets the field."""

    language: InterfaceLanguage | None = None
    answer_language: AnswerLanguage | None = None
    top_k: Annotated[int, Field(ge=1, le=50)] | None = None
    mode: SearchMode | None = None
    reasoning: Reasoning | None = None
    rerank: bool | None = None
    answer_style: Annotated[str, Field(max_length=2000)] | None = None
    citation_style: CitationStyle | None = None
    theme: Theme | None = None
    documents_sort: DocumentSort | None = None


class UserSettingsReply(Reply):
    """The caller's settings, the defaults, and the names of those that differ."""

    settings: UserSettings
    defaults: UserSettings
    changed: list[str]
