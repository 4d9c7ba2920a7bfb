"""The prompts in use, with whose words on style are in effect for the caller."""

from flask import request

from functions.answer.prompt import PROMPT_VERSION
from functions.answer.prompting import prompt_style, prompt_text, prompt_versions
from functions.answer.views import api
from functions.answer.wiring import dependencies
from lectern.access import Access, authenticate
from lectern.api import PromptList, PromptQuery, PromptReply, StyleOrigin
from lectern.preferences import effective_settings
from lectern.serving.http import read_query


@api.route("GET", "/v1/prompts", query=PromptQuery, reply=PromptList)
def list_prompts() -> PromptList:
    """List the prompts: their rules, and the style that `PATCH` of settings may replace.

    `answer_style` of `/v1/settings` is the caller's own and comes first, that of
    `/v1/collections/{collection}/settings` counts for questions about this collection alone. An
    empty one is Lectern's own again.
    """
    access = authenticate(dependencies().catalog, request.headers.get("Authorization"))
    style, whose = _style(access, read_query(PromptQuery).collection)
    return PromptList(prompts=[_reply(version, style, whose) for version in prompt_versions()])


def _reply(version: str, style: str, whose: StyleOrigin) -> PromptReply:
    name, _, number = version.rpartition("-v")
    own = prompt_style(version)
    replaced = version == PROMPT_VERSION and bool(style)
    return PromptReply(
        name=name,
        version=int(number),
        rules=prompt_text(version),
        style=own,
        style_in_effect=style if replaced else own,
        style_of=whose if replaced else "default",
    )


def _style(access: Access, collection: str) -> tuple[str, StyleOrigin]:
    settings = effective_settings(access.catalog.preferences.get(access.user.user_id))
    theirs = access.collection(collection).settings.answer_style if collection else ""
    if settings.answer_style:
        return settings.answer_style, "own"
    return theirs, "collection"
