"""`POST /v1/mind-map`: an answer, a document or passages as a tree."""

from flask import request

from functions.answer.events import NO_MODEL
from functions.answer.mind_maps.material import Material, of_answer, of_document, of_passages
from functions.answer.mind_maps.outline import outline
from functions.answer.mind_maps.written import written_map
from functions.answer.views import api
from functions.answer.wiring import dependencies
from lectern import telemetry
from lectern.access import Access, authenticate
from lectern.api import AnswerReply, AnswerUsage, MindMapReply, MindMapRequest, Notice
from lectern.catalog.port_usage import Used
from lectern.errors import LecternError, NotFound, TransientError
from lectern.models import ChatUsage
from lectern.models.registry_budgets import Spending
from lectern.models.registry_chat import ChosenChat
from lectern.serving.http import read_body
from lectern.withholding import withheld


@api.route("POST", "/v1/mind-map", body=MindMapRequest, reply=MindMapReply)
def post_mind_map() -> MindMapReply:
    """Draw a mind map of an answer, a document or passages.

    A chat model draws it when there is one; without one, or when it fails, it is made of headings,
    subjects and quotes. The caller's own rights decide what is in it; nothing is stored.
    """
    needs = dependencies()
    authorization = request.headers.get("Authorization", "")
    access = authenticate(needs.catalog, authorization)
    asked = read_body(MindMapRequest)
    with needs.library_of(authorization.partition(" ")[2].strip()) as library:
        documents = library.documents
        if asked.document_id:
            material = of_document(asked.document_id, documents)
        elif asked.message_id:
            question, reply = _stored(access, asked.conversation_id, asked.message_id)
            material = of_answer(question, reply, documents)
        else:
            for collection_id in {passage.collection_id for passage in asked.passages}:
                access.collection(collection_id)
            material = of_passages(asked.title, asked.passages, documents)
    chat = needs.models.chat(
        "answer", user_id=access.user.user_id, collection_id=material.only_collection
    )
    return _drawn(material, chat, access)


def _stored(access: Access, conversation_id: str, message_id: str) -> tuple[str, AnswerReply]:
    """Return an answer as its reader may see it today, and its question.

    Raises:
        NotFound: It is not the caller's, or no answer.
    """
    messages = {
        message.message_id: message
        for message in access.catalog.conversations.tree(access.user.user_id, conversation_id)
    }
    found = messages.get(message_id)
    if found is None or found.reply is None:
        raise NotFound(f"there is no answer {message_id!r}")
    readable = {collection.collection_id for collection in access.collections([])}
    reply, _ = withheld(AnswerReply.model_validate(found.reply), readable)
    question = messages.get(found.parent_id)
    return (question.text if question else ""), reply


def _drawn(material: Material, chat: ChosenChat | None, access: Access) -> MindMapReply:
    warnings = list(material.warnings)
    spent = NO_MODEL
    if chat is not None:
        usage = ChatUsage()
        try:
            root = written_map(material, chat, timeout_s=chat.timeout_s, usage=usage)
        except LecternError as error:
            telemetry.logger.warning("model failed", extra={"code": error.code})
            telemetry.count_error("answer", error)
            warnings.append(_model_failed(error))
            root = None
        spent = AnswerUsage(
            model=chat.name,
            model_calls=1,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
        )
        _count(access, chat.spent, material.only_collection)
        if root is not None:
            return MindMapReply(kind="generated", root=root, usage=spent, warnings=warnings)
    return MindMapReply(kind="outline", root=outline(material), usage=spent, warnings=warnings)


def _count(access: Access, spent: Spending, collection_id: str) -> None:
    used = Used(
        prompt_tokens=spent.prompt_tokens,
        completion_tokens=spent.completion_tokens,
        cost_micros=spent.cost_micros,
    )
    try:
        access.catalog.usage.add(access.user.user_id, used, collection_id=collection_id)
    except TransientError as error:
        telemetry.logger.warning("use not counted", extra={"code": error.code})


def _model_failed(reason: LecternError) -> Notice:
    return Notice(
        code="mind_map_model_failed",
        detail=f"the chat model could not draw it, so this is the outline: {reason.detail}",
        parameters={"reason": reason.code},
    )
