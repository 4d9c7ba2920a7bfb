"""The models of an installation, and whether they answer; for administrators."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_serializer, model_validator

from lectern.api.bodies import Reply, Request

ModelRole = Literal["embedder", "chat", "rerank"]
ModelKind = Literal["chat", "rerank", "embedding"]
RerankKind = Literal["cohere", "jina", "voyage", "tei"]
LEAST_CHAT_CONTEXT = 1024

_Name = Annotated[str, Field(min_length=1, max_length=100)]
_Url = Annotated[str, Field(min_length=1, max_length=2000)]
_Model = Annotated[str, Field(max_length=200)]
_Context = Annotated[int, Field(ge=32, le=100_000_000)]
_Dimensions = Annotated[int, Field(ge=0, le=16_384)]
_Prefix = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
_Price = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
_Timeout = Annotated[float, Field(gt=0, le=600)]
_Key = Annotated[SecretStr, Field(max_length=4000)]


class ModelReply(Reply):
    """A configured model. `endpoint` is the host it runs at, "" in this process.

    `dimensions` are an embedder's, when they are known without asking it.
    """

    role: ModelRole
    name: str
    endpoint: str
    dimensions: int | None = None


class ModelList(Reply):
    """The models in use; without one of role `chat`, answers are sentences of the documents."""

    models: list[ModelReply]


class WithKey(Request):
    """A body that may carry a key, which the client sends and nothing prints."""

    @field_serializer("key", when_used="json", check_fields=False)
    def _send_key(self, key: SecretStr | None) -> str | None:
        return key.get_secret_value() if key is not None else None


class ModelRequest(WithKey):
    """A model at an endpoint.

    `url` is what `/chat/completions`, `/rerank` or `/embeddings` follows. `preset` names the
    provider it was made from. Prices are for a million tokens, in any one currency. `rerank_kind`
    is whose requests a reranker speaks; a TEI server needs no `model`.

    Of an embedding model, `context_tokens` are the longest input and `prompt_price` the price.
    `dimensions` are the length of vectors to ask for, 0 for the model's own; the prefixes stand
    before every question and every passage, as some models want it (`query: `). Address, model,
    dimensions and prefixes decide on the vectors: when one changes, collections have to be embedded
    anew.
    """

    name: _Name
    kind: ModelKind = "chat"
    preset: Annotated[str, Field(max_length=50)] = ""
    url: _Url
    model: _Model = ""
    key: _Key = SecretStr("")
    rerank_kind: RerankKind | None = None
    context_tokens: _Context = 8192
    sees_images: bool = False
    prompt_price: _Price = 0.0
    completion_price: _Price = 0.0
    timeout_s: _Timeout = 120.0
    enabled: bool = True
    dimensions: _Dimensions = 0
    query_prefix: _Prefix = ""
    passage_prefix: _Prefix = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind == "chat" and self.context_tokens < LEAST_CHAT_CONTEXT:
            raise ValueError(f"a chat model needs a context of {LEAST_CHAT_CONTEXT} tokens")
        if self.kind == "rerank" and self.rerank_kind is None:
            raise ValueError("a reranker needs a rerank_kind")
        if not self.model and self.rerank_kind != "tei":
            raise ValueError("the model's name at its endpoint is missing")
        return self


class ModelChange(WithKey):
    """What shall become different; fields left out stay. An empty `key` removes the key.

    With an address at another host, the key has to be given anew: a stored key goes nowhere else.
    """

    name: _Name | None = None
    url: _Url | None = None
    model: _Model | None = None
    key: _Key | None = None
    rerank_kind: RerankKind | None = None
    context_tokens: _Context | None = None
    sees_images: bool | None = None
    prompt_price: _Price | None = None
    completion_price: _Price | None = None
    timeout_s: _Timeout | None = None
    enabled: bool | None = None
    dimensions: _Dimensions | None = None
    query_prefix: _Prefix | None = None
    passage_prefix: _Prefix | None = None


class ModelDeletionQuery(Request):
    """How to remove a model; `force` also removes an embedder that collections need."""

    force: bool = False


class ModelEntryReply(Reply):
    """A model as administrators see it; its key is never among it.

    `has_key` is None for a model of the environment, which only the operator can change; `url` is
    "" for the embedder in Lectern itself, whose id is `offline`.
    """

    model_id: str
    name: str
    kind: ModelKind
    preset: str
    url: str
    model: str
    has_key: bool | None
    rerank_kind: RerankKind | None
    context_tokens: int
    sees_images: bool
    prompt_price: float
    completion_price: float
    timeout_s: float
    enabled: bool
    of_environment: bool
    dimensions: int
    query_prefix: str
    passage_prefix: str


class ModelEntryList(Reply):
    """All models, those of the environment first, then by name."""

    models: list[ModelEntryReply]


class ModelPreset(Reply):
    """A provider; `…` in `url` is for the administrator to fill in.

    `context_tokens` are what to begin with: for embedding, the longest input.
    """

    preset: str
    label: str
    kind: ModelKind
    url: str
    needs_key: bool
    rerank_kind: RerankKind | None
    context_tokens: int


class ModelPresetList(Reply):
    """Providers that models can be made from."""

    presets: list[ModelPreset]


_Ids = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=10)]


class ModelDefaults(Request):
    """Which models serve what: ids, the first choice first, the others for when it fails.

    An empty list is no choice: the environment's model serves then, and small tasks and pictures
    go to the models that answer. New collections get the first embedder; the others stand in for it
    where they make the same vectors.
    """

    answer: _Ids = []
    small: _Ids = []
    vision: _Ids = []
    rerank: _Ids = []
    embedding: _Ids = []


class ModelBudgetEntry(Request):
    """What a user may spend, or what may be spent on a collection, in a month (UTC).

    `subject_id` "" holds for each who has no budget of their own. None is no limit; `cost` is in
    the currency of the models' prices.
    """

    subject: Literal["user", "collection"]
    subject_id: Annotated[str, Field(max_length=64)] = ""
    tokens: Annotated[int, Field(ge=0, le=10**15)] | None = None
    cost: Annotated[float, Field(ge=0, le=10**9, allow_inf_nan=False)] | None = None


class ModelBudgetList(Reply):
    """All budgets."""

    budgets: list[ModelBudgetEntry]


class ModelKeysRenewed(Reply):
    """How many keys are now sealed with the first key of LECTERN_SECRETS_KEY."""

    renewed: int


class ModelTestRequest(Request):
    """Which model shall be tried: one in use, a stored one, one not stored yet.

    With `model_id` beside `model`, the stored key stands in for a missing one, at the same host.
    """

    role: ModelRole | None = None
    model_id: Annotated[str, Field(max_length=64)] = ""
    model: ModelRequest | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.role) == bool(self.model_id or self.model):
            raise ValueError("name either a role or a model")
        return self


class ModelTestReply(Reply):
    """What came of a trial: a short request and how long its answer took.

    `detail` says what is wrong when `reachable` is false, and "" otherwise.
    """

    role: ModelRole
    reachable: bool
    latency_ms: float
    dimensions: int | None = None
    detail: str = ""
