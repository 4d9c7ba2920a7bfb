"""From a chat of the OpenAI-compatible API to a question of Lectern's."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.answer.openai_bodies import ChatCompletionRequest, Message
from lectern.access import Access
from lectern.api import AnswerRequest
from lectern.api.assistants import MODEL_PREFIX
from lectern.errors import InvalidRequest, NotFound

EVERYTHING = "lectern"
"""The model that asks all collections the caller may read."""
OF_A_COLLECTION = f"{EVERYTHING}/"
MODEL_NOT_FOUND = "model_not_found"
UNSUPPORTED = "unsupported_parameter"

_LONGEST_QUESTION = 8000  # characters, as in `AnswerRequest`
_LONGEST_RULES = 8000
_MOST_EARLIER = 10  # questions; following.py looks at fewer
_RULES = frozenset({"system", "developer"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the earlier ones of its chat, oldest first, and the program's own rules."""

    request: AnswerRequest
    earlier: Sequence[str]
    rules: str


def asked(access: Access, chat: ChatCompletionRequest) -> Asked:
    """Return what a chat asks.

    Raises:
        NotFound: There is no such model for this caller (code `model_not_found`).
        InvalidRequest: It wants what Lectern does not do (code `unsupported_parameter`), does not
            end in a question, or is too long.
    """
    _refuse_unsupported(chat)
    last = chat.messages[-1]
    if last.role != "user":
        raise InvalidRequest("the last message must be of the role 'user': the question")
    question = _text(last).strip()
    if not question or len(question) > _LONGEST_QUESTION:
        raise InvalidRequest(
            f"the question has {len(question)} characters; send 1 to {_LONGEST_QUESTION}"
        )
    rules = "\n\n".join(_text(each) for each in chat.messages if each.role in _RULES).strip()
    if len(rules) > _LONGEST_RULES:
        raise InvalidRequest(
            f"the system messages have {len(rules)} characters; at most {_LONGEST_RULES} are read"
        )
    earlier = [_text(each).strip() for each in chat.messages[:-1] if each.role == "user"]
    request = AnswerRequest.model_validate(
        chat.lectern.model_dump(exclude={"sources"}, exclude_unset=True)
        | {
            "question": question,
            "collections": collections_of(access, chat.model),
            "assistant": assistant_of(access, chat.model),
            "stream": bool(chat.stream),
        }
    )
    return Asked(request, [each for each in earlier if each][-_MOST_EARLIER:], rules)


def collections_of(access: Access, model: str) -> list[str]:
    """Return the ids of the collections that a model asks; none for all the caller may read.

    Raises:
        NotFound: There is no such model for this caller (code `model_not_found`).
    """
    if model == EVERYTHING or model.startswith(MODEL_PREFIX):
        return []
    if model.startswith(OF_A_COLLECTION):
        slug = model.removeprefix(OF_A_COLLECTION)
        reached = access.catalog.collections.reach(access.user, slug)
        if reached is not None:
            return [reached[0].collection_id]
    raise _unknown(model)


def assistant_of(access: Access, model: str) -> str:
    """Return the id of the assistant that a model is, "" when it is none.

    Raises:
        NotFound: There is no such assistant for this caller (code `model_not_found`).
    """
    if not model.startswith(MODEL_PREFIX):
        return ""
    slug = model.removeprefix(MODEL_PREFIX)
    found = access.catalog.assistants.get(access.user.user_id, slug)
    if found is None:
        raise _unknown(model)
    return found.assistant_id


def _unknown(model: str) -> NotFound:
    return NotFound(
        f"there is no model {model!r}; GET /v1/models lists yours", code=MODEL_NOT_FOUND
    )


def _refuse_unsupported(chat: ChatCompletionRequest) -> None:
    form = chat.response_format
    unsupported = {
        "tools": bool(chat.tools),
        "functions": bool(chat.functions),
        "n": chat.n not in {None, 1},
        "response_format": form is not None and form.type != "text",
        "modalities": chat.modalities is not None and chat.modalities != ["text"],
        "audio": chat.audio is not None,
        "logprobs": bool(chat.logprobs),
    }
    for name, wanted in unsupported.items():
        if wanted:
            raise InvalidRequest(
                f"Lectern answers in one text from documents; leave out {name!r}", code=UNSUPPORTED
            )
    for message in chat.messages:
        if message.role not in {"user", "assistant", *_RULES}:
            raise InvalidRequest(
                f"messages of the role {message.role[:40]!r} are not supported; leave them out",
                code=UNSUPPORTED,
            )


def _text(message: Message) -> str:
    if message.content is None or isinstance(message.content, str):
        return message.content or ""
    for part in message.content:
        if part.type not in {"text", "refusal"}:
            raise InvalidRequest(
                f"parts of the type {part.type[:40]!r} are not supported; send text",
                code=UNSUPPORTED,
            )
    return "\n".join(part.text for part in message.content)
