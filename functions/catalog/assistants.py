"""Assistants: ways of asking that people save for themselves or for everybody."""

from typing import Any

from functions.catalog.service import api, caller
from lectern.access import Access
from lectern.api import (
    AssistantChange,
    AssistantList,
    AssistantManner,
    AssistantReply,
    AssistantRequest,
)
from lectern.api.assistants import MODEL_PREFIX
from lectern.catalog.port_assistants import Assistant
from lectern.errors import Forbidden, NotFound
from lectern.serving.http import read_body

_ASSISTANT = "/v1/assistants/<assistant>"


@api.route("GET", "/v1/assistants", reply=AssistantList)
def list_assistants() -> AssistantList:
    """List the caller's own assistants and those that are shared with everybody."""
    access = caller()
    found = access.catalog.assistants.list(access.user.user_id)
    readable = {each.collection_id for each in access.collections([])}
    return AssistantList(assistants=[_reply(each, access, readable) for each in found])


@api.route("POST", "/v1/assistants", body=AssistantRequest, reply=AssistantReply, status=201)
def create_assistant() -> AssistantReply:
    """Save an assistant; its collections, by id or slug, have to be the caller's to read."""
    access = caller("write")
    asked = read_body(AssistantRequest)
    made = access.catalog.assistants.create(
        access.user.user_id,
        asked.name,
        description=asked.description,
        shared=asked.shared,
        collections=_ids(access, asked.collections),
        manner=_stored(asked.manner),
    )
    access.record("assistant.created", made.assistant_id, shared=str(made.shared))
    return _shown(made, access)


@api.route("GET", _ASSISTANT, reply=AssistantReply)
def get_assistant(assistant: str) -> AssistantReply:
    """Return an assistant by id or slug."""
    access = caller()
    return _shown(seen_assistant(access, assistant), access)


@api.route("PATCH", _ASSISTANT, body=AssistantChange, reply=AssistantReply)
def change_assistant(assistant: str) -> AssistantReply:
    """Change an assistant of the caller's; an administrator may change a shared one.

    `collections` replace those that the caller may read; the others stay.
    """
    access = caller("write")
    before = _editable(access, assistant)
    asked = read_body(AssistantChange)
    changes: dict[str, Any] = asked.model_dump(exclude_none=True, exclude={"manner"})
    if asked.collections is not None:
        readable = {each.collection_id for each in access.collections([])}
        unseen = [each for each in before.collections if each not in readable]
        changes["collections"] = [*unseen, *_ids(access, asked.collections)]
    if asked.manner is not None:
        changes["manner"] = _stored(asked.manner)
    after = access.catalog.assistants.change(before.assistant_id, changes)
    if after is None:
        raise _gone(assistant)
    access.record("assistant.changed", after.assistant_id, fields=" ".join(sorted(changes)))
    return _shown(after, access)


@api.route("DELETE", _ASSISTANT, status=204)
def delete_assistant(assistant: str) -> None:
    """Remove an assistant; conversations that were held with it go on without."""
    access = caller("write")
    before = _editable(access, assistant)
    access.catalog.assistants.delete(before.assistant_id)
    access.record("assistant.deleted", before.assistant_id)


def seen_assistant(access: Access, assistant: str) -> Assistant:
    """Return an assistant by id or slug; raises `NotFound` for one the caller may not see."""
    found = access.catalog.assistants.get(access.user.user_id, assistant)
    if found is None:
        raise _gone(assistant)
    return found


def _editable(access: Access, assistant: str) -> Assistant:
    found = seen_assistant(access, assistant)
    if found.owner_id != access.user.user_id and not access.user.is_admin:
        raise Forbidden(f"the assistant {found.name!r} is somebody else's; save one of your own")
    return found


def _ids(access: Access, names: list[str]) -> list[str]:
    """Return ids of collections; raises `NotFound` for what the caller may not read."""
    return [found.collection_id for found in access.collections(names)] if names else []


def _stored(manner: AssistantManner) -> dict[str, Any]:
    stored: dict[str, Any] = manner.model_dump(mode="json", exclude_defaults=True)
    return stored


def _shown(assistant: Assistant, access: Access) -> AssistantReply:
    return _reply(assistant, access, {each.collection_id for each in access.collections([])})


def _reply(assistant: Assistant, access: Access, readable: set[str]) -> AssistantReply:
    collections = [each for each in assistant.collections if each in readable]
    return AssistantReply(
        assistant_id=assistant.assistant_id,
        slug=assistant.slug,
        model=MODEL_PREFIX + assistant.slug,
        name=assistant.name,
        description=assistant.description,
        shared=assistant.shared,
        own=assistant.owner_id == access.user.user_id,
        collections=collections,
        unreadable=len(assistant.collections) - len(collections),
        manner=AssistantManner.model_validate(assistant.manner),
        created_at=assistant.created_at,
    )


def _gone(assistant: str) -> NotFound:
    return NotFound(f"there is no assistant {assistant!r}")
