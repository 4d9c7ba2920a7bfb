"""Where a question is written: the input, what is being edited, and what is asked."""

import streamlit as st

from lectern.api import ConversationScope, DocumentReply, MessageReply
from web.language import t
from web.parts import conversation, editing, scope
from web.parts.mentions import resolve

_LATER = "chat.ask-later"
_MOST_CHARACTERS = 8000


def composer(shown: conversation.Conversation, *, busy: bool) -> None:
    """Show the input with the scope above it.

    Streamlit scrolls to the newest message only while the input stands outside every container.
    """
    with st.bottom:
        if editing.edited(shown.conversation_id) is not None:
            with st.container(key="editing", horizontal=True, vertical_alignment="center"):
                st.caption(f":material/edit: {t('chat.editing')}")
                st.button(
                    t("chat.edit_cancel"), key="edit-cancel", type="tertiary",
                    on_click=editing.stop,
                )  # fmt: skip
        scope.scope_row(shown.scope, shown.conversation_id)
    st.chat_input(
        t("chat.ask_placeholder"),
        key=editing.INPUT,
        max_chars=_MOST_CHARACTERS,
        disabled=busy,
        on_submit=_submit,
    )


def ask(question: str) -> None:
    """Ask a question as if it had been typed, in no other one's place."""
    scope.saying_why(lambda: _ask(question))


def ask_about(question: str, document: DocumentReply) -> None:
    """Ask a question about one document."""
    scope.remember_name(document)
    only = ConversationScope(documents=[document.document_id])
    scope.saying_why(lambda: conversation.ask(question, scope=only))


def ask_later(question: str, document: DocumentReply) -> None:
    """Ask a question about one document as soon as the chat page is there, in a new chat."""
    st.session_state[_LATER] = (question, document)


def ask_what_was_left() -> None:
    """Ask what `ask_later` was given, once."""
    if _LATER in st.session_state:
        question, document = st.session_state.pop(_LATER)
        conversation.go_to("")
        ask_about(question, document)


def ask_again(answer: MessageReply) -> None:
    """Have a question answered anew; the old answer stays as another version."""
    asked = next(
        each for each in conversation.current().messages if each.message_id == answer.parent_id
    )
    where = conversation.current().scope
    scope.saying_why(lambda: conversation.ask(asked.text, parent_id=asked.message_id, scope=where))


def edit(question: MessageReply) -> None:
    """Put a question back into the input, to ask a changed one in its place."""
    editing.begin(question, conversation.address())


def _submit() -> None:
    question = str(st.session_state[editing.INPUT] or "").strip()
    edited = editing.edited(conversation.address())
    editing.stop()
    if question:
        scope.saying_why(lambda: _ask(question, edited.parent_id if edited else None))


def _ask(question: str, parent_id: str | None = None) -> None:
    where = conversation.current().scope
    mentioned = resolve(question, lambda name: scope.find_documents(name, where))
    for document in mentioned.documents:
        scope.add(document)
    for name in mentioned.unknown:
        st.toast(t("chat.mention_unknown", name=name), icon=":material/help:")
    conversation.ask(mentioned.question, parent_id=parent_id, scope=conversation.current().scope)
