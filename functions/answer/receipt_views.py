"""How a stored answer came about, and what the same question would get today; for its owner."""

from flask import request

from functions.answer.receipts import receipt_of
from functions.answer.repeating import Asker, repeated
from functions.answer.views import api
from functions.answer.wiring import dependencies
from lectern.access import authenticate
from lectern.api import Receipt, RepeatReply
from lectern.catalog.records_conversations import Receipted
from lectern.errors import NotFound
from lectern.preferences import effective_settings


@api.route("GET", "/v1/answers/<message_id>/receipt", reply=Receipt)
def get_receipt(message_id: str) -> Receipt:
    """Return how an answer in a conversation of the caller's came about.

    Passages, models and what they were sent, settings, indexes, steps and timings. Rights are asked
    again: what the caller may no longer read is blank.
    """
    asker = _asker()
    return receipt_of(_found(asker, message_id), asker.readable)


@api.route("POST", "/v1/answers/<message_id>/repeat", reply=RepeatReply)
def repeat_answer(message_id: str) -> RepeatReply:
    """Ask the question of an answer again, with the settings it had; say what has changed.

    Nothing is stored. The reply comes when the new answer is whole.
    """
    asker = _asker()
    return repeated(_found(asker, message_id), asker, dependencies())


def _asker() -> Asker:
    authorization = request.headers.get("Authorization", "")
    access = authenticate(dependencies().catalog, authorization)
    settings = effective_settings(access.catalog.preferences.get(access.user.user_id))
    return Asker(access, authorization.partition(" ")[2].strip(), settings)


def _found(asker: Asker, message_id: str) -> Receipted:
    access = asker.access
    found = access.catalog.conversations.receipt(access.user.user_id, message_id)
    if found is None:
        raise NotFound(f"there is no answer {message_id!r} with a receipt in your conversations")
    return found
