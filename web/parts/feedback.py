"""What a reader says about an answer: thumbs, and for a bad one the reason."""

from typing import get_args

import streamlit as st

from lectern.api import FeedbackRequest, MessageReply
from lectern.api.feedback import FeedbackReason, Verdict
from lectern.errors import LecternError
from web.language import t
from web.parts.conversation import current, replace_message
from web.parts.said import error_text
from web.session import lectern

_REASONS = get_args(FeedbackReason)
_COMMENT_LENGTH = 2000
_VERDICTS: dict[int, Verdict] = {0: "down", 1: "up"}


def feedback(message: MessageReply) -> None:
    """Show the thumbs; every change is stored at once."""
    message_id = message.message_id
    given = message.feedback
    known = {"down": 0, "up": 1}.get(given.verdict) if given else None
    key = f"feedback-{message_id}"
    st.feedback("thumbs", key=key, default=known, on_change=_judge, args=(message, key))
    if st.session_state.get(key) != 0:
        return
    with st.popover(t("chat.feedback_why"), type="tertiary", key=f"why-{message_id}"):
        reasons = st.pills(
            t("chat.feedback_reasons"),
            _REASONS,
            selection_mode="multi",
            format_func=lambda reason: t(f"chat.reason_{reason}"),
            key=f"reasons-{message_id}",
            on_change="ignore",
        )
        comment = st.text_area(
            t("chat.feedback_comment"),
            max_chars=_COMMENT_LENGTH,
            key=f"comment-{message_id}",
            on_change="ignore",
        )
        if st.button(t("chat.feedback_send"), key=f"send-{message_id}", type="primary"):
            _send(message, FeedbackRequest(verdict="down", reasons=reasons, comment=comment))


def _judge(message: MessageReply, key: str) -> None:
    chosen = st.session_state[key]
    if chosen is not None:
        _send(message, FeedbackRequest(verdict=_VERDICTS[chosen]))
        return
    try:
        lectern().conversations.retract_feedback(current().conversation_id, message.message_id)
    except LecternError as error:
        st.toast(error_text(error), icon=":material/error:")
    replace_message(message.model_copy(update={"feedback": None}))


def _send(message: MessageReply, request: FeedbackRequest) -> None:
    try:
        given = lectern().conversations.give_feedback(
            current().conversation_id, message.message_id, request
        )
    except LecternError as error:
        st.toast(error_text(error), icon=":material/error:")
        return
    replace_message(message.model_copy(update={"feedback": given}))
    st.toast(t("chat.feedback_thanks"), icon=":material/favorite:")
