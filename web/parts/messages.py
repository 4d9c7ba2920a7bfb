"""Questions and answers on the page. Only the last turns have widgets: each one costs time."""

from collections.abc import Callable, Sequence

import streamlit as st

from lectern.api import AnswerReply, MessageReply, Passage
from web.answers import Snapshot
from web.components.copying import copy_button
from web.language import t
from web.parts import conversation
from web.parts.answer_map import answer_map, map_button
from web.parts.citations import linked, plain, plain_lines, with_sources
from web.parts.feedback import feedback
from web.parts.receipt import receipt_button
from web.parts.said import error_text, notice_text
from web.parts.sources import source_list, source_text
from web.parts.trace import doing, trace

RECENT = 4
"""How many of the last messages have widgets: two turns."""

_BEGINNING = 60  # characters of a sentence that show which one is meant
_THOUGHTS_SHOWN = 600  # characters, the last ones, of a model that is still thinking
_LOOSE_BELOW = 0.3  # retrieve's anchors keep below it what a collection does not answer

Act = Callable[[MessageReply], None]
Ask = Callable[[str], None]


def messages(
    shown: Sequence[MessageReply],
    *,
    ask_again: Act,
    edit: Act,
    ask: Ask | None = None,
) -> None:
    """Show messages in order.

    Args:
        shown: The messages.
        ask_again: Called with an answer to be given anew.
        edit: Called with a question to be changed.
        ask: Called with a question that may follow the last answer; None while nothing can be
            asked.
    """
    older, recent = shown[:-RECENT], shown[-RECENT:]
    if older:
        with st.container(key="older"):
            for message in older:
                _older(message)
    for message in recent:
        if message.role == "question":
            _question(message, edit=edit)
        else:
            _answer(message, ask_again=ask_again if message is recent[-1] else None, ask=ask)
    last = recent[-1].answer if recent else None
    if last is not None and ask is not None:
        _follow_ups(last.follow_ups, recent[-1].message_id, ask)


def live_question(text: str, answer_id: str) -> None:
    """Show a question whose answer is on its way."""
    with st.container(key=f"q-{answer_id}"), st.chat_message("user"):
        st.markdown(plain_lines(text))


def live_answer(seen: Snapshot, *, stop: Callable[[], None]) -> None:
    """Show an answer as far as it has come."""
    with st.container(key=f"a-{seen.answer_id}"), st.chat_message("assistant"):
        if seen.text:
            message_id = seen.message_id or seen.answer_id
            text = linked(seen.text, message_id, seen.citations, seen.passages)
            st.markdown(f"{text} ▍", anchors=False)
        else:
            st.markdown(f":shimmer[{doing(seen.steps)}]")
            if seen.reasoning:
                st.caption(plain_lines(seen.reasoning[-_THOUGHTS_SHOWN:].strip()))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(
                t("chat.stop"),
                icon=":material/stop_circle:",
                key="stop-answer",
                on_click=stop,
                shortcut="Esc",
            )
            st.caption(t("chat.live_for", seconds=f"{seen.elapsed_s:.0f}"))


def _older(message: MessageReply) -> None:
    """Show a message of an older turn with its sources, as a single element where it can be."""
    with st.chat_message("user" if message.role == "question" else "assistant"):
        parts = [_text(message)]
        if message.role == "answer":
            notes = _notes(message, message.answer)
            parts.append("  \n".join(f":small[:gray[{note}]]" for note in notes))
            if message.answer is not None:
                parts.append(source_text(message.message_id, message.answer))
        st.markdown("\n\n".join(filter(None, parts)), anchors=False)
        if message.failure is not None:
            st.warning(error_text(message.failure), icon=":material/error:")
        _branches(message)


def _question(message: MessageReply, *, edit: Act) -> None:
    with st.container(key=f"q-{message.message_id}", horizontal_alignment="right", gap="xxsmall"):
        with st.chat_message("user"):
            st.markdown(plain_lines(message.text))
        if len(message.siblings) <= 1:
            _edit(message, edit)
            return
        with st.container(
            key=f"tools-{message.message_id}", horizontal=True, horizontal_alignment="right",
            vertical_alignment="center", gap="xxsmall",
        ):  # fmt: skip
            _branches(message)
            _edit(message, edit)


def _edit(message: MessageReply, edit: Act) -> None:
    st.button(
        t("chat.edit"),
        icon=":material/edit:",
        key=f"icon-edit-{message.message_id}",
        type="tertiary",
        help=t("chat.edit"),
        on_click=edit,
        args=(message,),
    )


def _answer(message: MessageReply, *, ask_again: Act | None, ask: Ask | None) -> None:
    reply = message.answer
    with st.container(key=f"a-{message.message_id}"), st.chat_message("assistant"):
        if reply is not None and not reply.found:
            _not_found(message, reply)
        elif message.text:
            st.markdown(_text(message), anchors=False)
        notes = _notes(message, reply)
        if notes:
            st.caption("  \n".join(notes))
        if message.failure is not None:
            st.warning(error_text(message.failure), icon=":material/error:")
        if reply is not None:
            source_list(message.message_id, reply)
            _tools(message, reply, ask_again)
            answer_map(message.message_id, reply, ask=ask)
        elif ask_again is not None:
            _again(message, ask_again)


def _text(message: MessageReply) -> str:
    """Return a message's Markdown, its citations linked; "" where there is none."""
    reply = message.answer
    if reply is None:
        return plain_lines(message.text) if message.text else ""
    if not reply.found:
        return f":material/search_off: **{t('chat.not_found')}**"
    return linked(message.text, message.message_id, reply.citations, reply.passages)


def _not_found(message: MessageReply, reply: AnswerReply) -> None:
    with st.container(key=f"notfound-{message.message_id}", border=True, gap="xxsmall"):
        st.markdown(_text(message))
        st.caption(t("chat.not_found_next" if reply.passages else "chat.not_found_empty"))


def _notes(message: MessageReply, reply: AnswerReply | None) -> list[str]:
    """Return what a reader has to know beside the answer, as lines of Markdown."""
    notes: list[str] = []
    if message.state == "stopped":
        notes.append(f":material/stop_circle: {t('chat.stopped')}")
    if message.withheld:
        notes.append(f":material/lock: {t('chat.withheld', count=message.withheld)}")
    if reply is None:
        return notes
    if reply.found and reply.kind == "extractive":
        notes.append(f":material/format_quote: {t('chat.quotes')}")
    if reply.found and reply.passages and max(map(_relevance, reply.passages)) < _LOOSE_BELOW:
        notes.append(f":material/warning: {t('chat.loose')}")
    if reply.uncited and reply.citations:
        said = " · ".join(_beginning(reply.answer[each.start : each.end]) for each in reply.uncited)
        notes.append(
            f":material/link_off: {t('chat.uncited', count=len(reply.uncited), said=said)}"
        )
    icons = {"unverified": "help"}
    return [
        *notes,
        *(f":material/{icons.get(n.code, 'info')}: {notice_text(n)}" for n in reply.warnings),
    ]


def _beginning(sentence: str) -> str:
    words = " ".join(sentence.split())
    return f"“{plain(words if len(words) <= _BEGINNING else words[:_BEGINNING].rstrip() + '…')}”"


def _relevance(passage: Passage) -> float:
    return max(passage.relevance, *passage.relevances.values(), 0.0)


def _tools(message: MessageReply, reply: AnswerReply, ask_again: Act | None) -> None:
    with st.container(
        key=f"tools-{message.message_id}", horizontal=True, vertical_alignment="center",
        gap="xxsmall",
    ):  # fmt: skip
        _branches(message)
        copy_button(
            with_sources(reply, t("chat.sources")),
            key=f"copy-{message.message_id}",
            label=t("chat.copy"),
            copied=t("chat.copied"),
            failed=t("chat.copy_failed"),
        )
        if ask_again is not None:
            _again(message, ask_again)
        if reply.message_id:
            receipt_button(reply.message_id)
        map_button(message.message_id, reply)
        feedback(message)
    if reply.timings_ms:
        trace(reply)


def _follow_ups(questions: Sequence[str], message_id: str, ask: Ask) -> None:
    """Show questions that may come next, each as a button that asks it."""
    if not questions:
        return
    with st.container(key=f"followups-{message_id}", horizontal=True, gap="xsmall"):
        for number, question in enumerate(questions):
            st.button(
                plain(question),
                icon=":material/subdirectory_arrow_right:",
                key=f"followup-{message_id}-{number}",
                on_click=ask,
                args=(question,),
            )


def _again(message: MessageReply, ask_again: Act) -> None:
    st.button(
        t("chat.again"),
        icon=":material/refresh:",
        key=f"icon-again-{message.message_id}",
        type="tertiary",
        help=t("chat.again"),
        on_click=ask_again,
        args=(message,),
    )


def _branches(message: MessageReply) -> None:
    """Show "2/3" between two arrows where a question was edited or an answer was given again."""
    if len(message.siblings) <= 1:
        return
    at = message.position - 1
    for sign, step in (("chevron_left", -1), ("chevron_right", 1)):
        target = at + step
        inside = 0 <= target < len(message.siblings)
        name = "previous" if step < 0 else "next"
        if step > 0:
            st.caption(f"{message.position}/{len(message.siblings)}", width="content")
        st.button(
            t(f"chat.{name}_version"),
            icon=f":material/{sign}:",
            key=f"icon-{name}-{message.message_id}",
            type="tertiary",
            help=t(f"chat.{name}_version"),
            disabled=not inside,
            on_click=conversation.select,
            args=(message.siblings[target] if inside else message.message_id,),
        )
