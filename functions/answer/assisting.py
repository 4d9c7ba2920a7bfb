"""Questions put to an assistant: what somebody saved fills what the question leaves open.

An assistant gives nobody a right. It asks those of its collections that the asker may read, and its
words take the place of the style alone, never of the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from functions.answer.noticing import ASSISTANT_GONE
from functions.answer.preferring import Wishes
from lectern.access import Access
from lectern.api import AnswerRequest, AssistantManner, Notice
from lectern.catalog.port_assistants import Assistant
from lectern.errors import NotFound

_MANNERS = ("reasoning", "mode", "top_k", "language", "citation_style")


@dataclass(frozen=True, slots=True)
class Assisted:
    """A question as its assistant puts it, and how the assistant wants it answered.

    Args:
        request: The question, with what it left open filled.
        collections: Ids of the assistant's collections, where the question has no scope.
        style: The assistant's words on how to write, "" without any.
        assistant_id: Who it is, "" for nobody in particular.
        warnings: What the asker has to know of it.
    """

    request: AnswerRequest
    collections: Sequence[str] = ()
    style: str = ""
    assistant_id: str = ""
    warnings: Sequence[Notice] = ()

    def styled(self, wishes: Wishes) -> Wishes:
        """Return the wishes in the assistant's style: whoever chose it chose its words."""
        if not self.style:
            return wishes
        return replace(wishes, style=self.style, style_of="assistant")


def named_assistant(access: Access, asked: AnswerRequest) -> Assistant | None:
    """Return the assistant that a question names, or None when it names none.

    Raises:
        NotFound: There is no such assistant for this caller.
    """
    if not asked.assistant:
        return None
    found = access.catalog.assistants.get(access.user.user_id, asked.assistant)
    if found is None:
        raise NotFound(f"there is no assistant {asked.assistant!r}; GET /v1/assistants lists yours")
    return found


def assisted(
    access: Access, asked: AnswerRequest, named: Assistant | None, of_conversation: str
) -> Assisted:
    """Return the question as its assistant, or that of its conversation, puts it.

    Raises:
        NotFound: The caller may read none of the assistant's collections.
    """
    assistant = named
    if asked.assistant is None and of_conversation:
        assistant = access.catalog.assistants.get(access.user.user_id, of_conversation)
        if assistant is None:
            return Assisted(asked, warnings=[ASSISTANT_GONE])
    if assistant is None:
        return Assisted(asked)
    manner = AssistantManner.model_validate(assistant.manner)
    filled = {name: getattr(manner, name) for name in _MANNERS if getattr(asked, name) is None}
    if manner.tools is not None and "tools" not in asked.model_fields_set:
        filled["tools"] = manner.tools
    return Assisted(
        asked.model_copy(update=filled),
        _collections(access, assistant),
        manner.answer_style,
        assistant.assistant_id,
    )


def style_now(access: Access, assistant_id: str) -> str:
    """Return an assistant's words on style as they are now; "" without an assistant or words."""
    found = access.catalog.assistants.get(access.user.user_id, assistant_id)
    return AssistantManner.model_validate(found.manner).answer_style if found else ""


def _collections(access: Access, assistant: Assistant) -> Sequence[str]:
    readable = {each.collection_id for each in access.collections([])}
    left = [each for each in assistant.collections if each in readable]
    if assistant.collections and not left:
        raise NotFound(
            f"none of the collections of the assistant {assistant.name!r} is yours to read; ask "
            "whoever made it to share them",
            code="assistant_collections",
        )
    return left
