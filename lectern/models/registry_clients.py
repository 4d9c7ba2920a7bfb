"""Clients of models, made of the registry's entries; a process imports those that it makes."""

from typing import TYPE_CHECKING, get_args

from lectern.catalog.port_models import ModelEntry
from lectern.errors import PermanentError
from lectern.models.embedding_identity import ENDPOINT, OFFLINE
from lectern.models.registry_environment import ENVIRONMENT_IDS

if TYPE_CHECKING:
    from lectern.models.ports import ChatModel, Embedder, Reranker
    from lectern.settings import Settings

LONGEST_RERANK_S = 30.0
_LONGEST_QUERY_S = 20.0  # a person waits for the vector of a question
_FIRST_TOKEN_S = 60.0
_FIRST_TOKEN_SHARE = 0.5  # of an entry's time limit: who raises it has a server that loads slowly


def chat_of(entry: ModelEntry, key: str, settings: "Settings") -> "ChatModel":
    """Return a client of a chat model.

    Raises:
        InvalidRequest, TransientError: See `require_allowed`.
    """
    from lectern.models.addresses import require_allowed
    from lectern.models.chat import OpenAIChat
    from lectern.models.chat_errors import ENVIRONMENT, entry_place

    own = entry.model_id in ENVIRONMENT_IDS
    if not own:
        require_allowed(entry.url, private=settings.private_model_endpoints)
    return OpenAIChat(
        url=entry.url,
        key=key,
        model=entry.model,
        timeout_s=entry.timeout_s,
        first_token_s=max(_FIRST_TOKEN_S, entry.timeout_s * _FIRST_TOKEN_SHARE),
        context_tokens=entry.context_tokens,
        sees_images=entry.sees_images,
        place=ENVIRONMENT if own else entry_place(entry.name),
    )


def reranker_of(entry: ModelEntry, key: str, settings: "Settings") -> "Reranker":
    """Return a client of a reranker.

    Raises:
        PermanentError: Its dialect is none that this version knows (code `rerank_settings`).
        InvalidRequest, TransientError: See `require_allowed`.
    """
    from lectern.models.addresses import require_allowed
    from lectern.models.reranking import EndpointReranker, RerankDialect

    own = entry.model_id in ENVIRONMENT_IDS
    if not own:
        require_allowed(entry.url, private=settings.private_model_endpoints)
    dialects: tuple[RerankDialect, ...] = get_args(RerankDialect)
    dialect = next((each for each in dialects if each == entry.dialect), None)
    if dialect is None:
        raise PermanentError(
            f"the reranker {entry.name!r} is of the unknown kind {entry.dialect!r}; choose one of "
            f"{', '.join(dialects)}",
            code="rerank_settings",
        )
    return EndpointReranker(
        entry.url,
        key,
        entry.model,
        dialect=dialect,
        timeout_s=min(entry.timeout_s, LONGEST_RERANK_S),
        entry="" if own else entry.name,
    )


def embedder_of(entry: ModelEntry, key: str, settings: "Settings") -> "Embedder":
    """Return an embedder: the one in this process, that of the environment, or of an entry.

    Raises:
        PermanentError: The offline one cannot be built.
        InvalidRequest, TransientError: See `require_allowed`.
    """
    if entry.model_id in {OFFLINE, ENDPOINT}:
        from lectern.models.wiring import embedder

        return embedder(settings.model_copy(update={"embedder": entry.model_id}))
    from lectern.models.addresses import require_allowed
    from lectern.models.embedding_errors import entry_place
    from lectern.models.endpoint import EndpointEmbedder

    require_allowed(entry.url, private=settings.private_model_endpoints)
    return EndpointEmbedder(
        url=entry.url,
        key=key,
        model=entry.model,
        max_tokens=entry.context_tokens,
        asked_dimensions=entry.dimensions,
        query_prefix=entry.query_prefix,
        passage_prefix=entry.passage_prefix,
        place=entry_place(entry.name),
        deadline_s=entry.timeout_s,
        query_deadline_s=min(entry.timeout_s, _LONGEST_QUERY_S),
    )
