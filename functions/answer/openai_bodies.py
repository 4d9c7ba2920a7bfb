"""The bodies of the OpenAI-compatible API, as far as Lectern reads and writes them.

Unknown fields are ignored: clients send what they know, and most of it is for a bare model. Built
with the first request, so that they cost no cold start.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lectern.api import AnswerLanguage, Reasoning, SearchFilters, SearchMode, ToolName


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class ContentPart(_Body):
    """A part of a message; only `text` is read."""

    type: str
    text: str = ""


class Message(_Body):
    """A message: `user` asks, `assistant` has answered, `system` and `developer` add rules."""

    role: str
    content: str | list[ContentPart] | None = None


class StreamOptions(_Body):
    """What a stream carries beside the answer."""

    include_usage: bool = False


class ResponseFormat(_Body):
    """The form of the answer; only `text` is supported."""

    type: str = "text"


class LecternOptions(BaseModel):
    """What only Lectern knows; the openai SDK sends it as `extra_body={"lectern": {…}}`.

    `sources` appends a list of the cited pages to the answer. The others are those of
    `POST /v1/answer`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    sources: bool = True
    documents: Annotated[list[str], Field(max_length=1000)] = []
    filters: SearchFilters = SearchFilters()
    reasoning: Reasoning | None = None
    tools: list[ToolName] = ["search", "read", "list", "table", "calculate"]
    mode: SearchMode | None = None
    top_k: Annotated[int, Field(ge=1, le=50)] | None = None
    language: AnswerLanguage | None = None


class ChatCompletionRequest(_Body):
    """A chat, whose last message is the question. Nothing of it is stored.

    Earlier questions help to understand the last one; earlier answers are not read. Fields that
    steer a bare model (`temperature`, `max_tokens`, `stop`, …) are ignored. What would change the
    form of the answer (`tools`, `n`, `response_format`, …) is refused.
    """

    model: Annotated[str, Field(min_length=1, max_length=300)]
    messages: Annotated[list[Message], Field(min_length=1, max_length=1000)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = None
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    response_format: ResponseFormat | None = None
    modalities: list[str] | None = None
    audio: Any = None
    logprobs: bool | None = None
    lectern: LecternOptions = LecternOptions()


class ModelCard(_Body):
    """A model of the OpenAI-compatible API: a collection, or all of them."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str
    name: str


class ModelCards(_Body):
    """The models that the caller may ask."""

    object: Literal["list"] = "list"
    data: list[ModelCard]


class UrlCitation(_Body):
    """A span of the message, in code points with an exclusive end, and the page it rests on."""

    start_index: int
    end_index: int
    title: str
    url: str


class Source(_Body):
    """Where a citation stands, in Lectern's words; see `Citation`."""

    number: int
    document_id: str
    document_name: str
    page_number: int
    quote: str
    supported: bool


class UrlAnnotation(_Body):
    """A citation with a link into the web UI."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation
    lectern: Source


class FileAnnotation(_Body):
    """A citation where the web UI's address is not known; `index` is where its span ends."""

    type: Literal["file_citation"] = "file_citation"
    file_id: str
    filename: str
    index: int
    lectern: Source


class AssistantMessage(_Body):
    """The answer."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[UrlAnnotation | FileAnnotation]


class Choice(_Body):
    """The only choice."""

    index: int = 0
    message: AssistantMessage
    finish_reason: Literal["stop", "length", "content_filter"]
    logprobs: None = None


class CompletionUsage(_Body):
    """Tokens that the model read and wrote; zero for an answer made of quotes."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(_Body):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: CompletionUsage
