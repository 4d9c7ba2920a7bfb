"""Settings: assistants, which keep where and how to ask under a name."""

import streamlit as st

from lectern.api import AssistantChange, AssistantManner, AssistantReply, AssistantRequest
from lectern.errors import LecternError
from web.language import LANGUAGES, t
from web.parts import assistant_picker
from web.parts.citations import plain
from web.parts.reasoning import MODES
from web.parts.said import error_text
from web.session import lectern

_OPEN = "settings.assistant"
_NEW = "new"
_LANGUAGES = (None, "", *LANGUAGES, "ja", "zh")
_STYLES = (None, "inline", "quotes")


def assistants() -> None:
    """List the assistants, save new ones, change or delete one's own."""
    st.caption(t("assistants.text"))
    st.button(
        t("assistants.new"), icon=":material/add:", type="primary", key="assistant-new",
        on_click=_open, args=(_NEW,),
    )  # fmt: skip
    found = lectern().assistants.list()
    if not found:
        st.markdown(f":gray[{t('assistants.none')}]")
    for assistant in found:
        _row(assistant)
    wanted = st.session_state.get(_OPEN)
    if wanted == _NEW:
        _dialog(None)
    elif wanted:
        _dialog(next((each for each in found if each.assistant_id == wanted), None))


def _open(assistant_id: str) -> None:
    st.session_state[_OPEN] = assistant_id


def _close() -> None:
    st.session_state.pop(_OPEN, None)


def _row(assistant: AssistantReply) -> None:
    with st.container(
        key=f"assistant-{assistant.assistant_id}",
        border=True,
        horizontal=True,
        vertical_alignment="center",
    ):
        with st.container(gap=None):
            st.markdown(f"**{plain(assistant.name)}**")
            if assistant.description:
                st.caption(plain(assistant.description))
            st.code(assistant.model, language=None)
        if assistant.shared:
            st.badge(t("assistants.shared"), color="gray")
        if not assistant.own:
            return
        st.button(
            t("assistants.edit"), icon=":material/edit:", type="tertiary", width="content",
            key=f"assistant-edit-{assistant.assistant_id}",
            on_click=_open, args=(assistant.assistant_id,),
        )  # fmt: skip
        st.button(
            t("assistants.delete"), icon=":material/delete:", type="tertiary", width="content",
            key=f"assistant-delete-{assistant.assistant_id}",
            on_click=_delete, args=(assistant,),
        )  # fmt: skip


def _delete(assistant: AssistantReply) -> None:
    try:
        lectern().assistants.delete(assistant.assistant_id)
    except LecternError as error:
        st.toast(error_text(error), icon=":material/error:")
        return
    assistant_picker.forget()
    st.toast(t("assistants.deleted", name=plain(assistant.name)), icon=":material/delete:")


def _dialog(assistant: AssistantReply | None) -> None:
    title = t("assistants.edit_title") if assistant else t("assistants.new")

    @st.dialog(title, width="medium", on_dismiss=_close)
    def dialog() -> None:
        with st.form("assistant-form", border=False):
            request = _fields(assistant)
            saved = st.form_submit_button(t("assistants.save"), type="primary")
        if not saved:
            return
        if not request.name.strip():
            st.error(t("assistants.needs_name"))
            return
        try:
            if assistant is None:
                lectern().assistants.create(request)
            else:
                change = AssistantChange.model_validate(request.model_dump())
                lectern().assistants.change(assistant.assistant_id, change)
        except LecternError as error:
            st.error(error_text(error), icon=":material/error:")
            return
        assistant_picker.forget()
        _close()
        st.rerun()

    dialog()


def _fields(assistant: AssistantReply | None) -> AssistantRequest:
    """Show the fields; return what they say. What has no field stays as it is."""
    manner = assistant.manner if assistant else AssistantManner()
    names = {each.collection_id: each.name for each in lectern().collections.list()}
    name = st.text_input(
        t("assistants.name"),
        assistant.name if assistant else "",
        max_chars=100,
        placeholder=t("assistants.name_example"),
    )
    description = st.text_input(
        t("assistants.description"), assistant.description if assistant else "", max_chars=500
    )
    collections = st.multiselect(
        t("assistants.collections"),
        list(names),
        default=[each for each in assistant.collections if each in names] if assistant else [],
        format_func=lambda each: names[each],
        placeholder=t("assistants.every_collection"),
        help=t("assistants.collections_help"),
    )
    reasoning = st.selectbox(
        t("assistants.reasoning"),
        (None, *MODES),
        index=(None, *MODES).index(manner.reasoning),
        format_func=lambda each: t(f"chat.reasoning_{each}") if each else _as_asked(),
    )
    language = st.selectbox(
        t("assistants.language"),
        _LANGUAGES,
        index=_LANGUAGES.index(manner.language),
        format_func=lambda each: _as_asked() if each is None else _language(each),
    )
    citations = st.selectbox(
        t("assistants.citation_style"),
        _STYLES,
        index=_STYLES.index(manner.citation_style),
        format_func=lambda each: t(f"settings.citation_style_{each}") if each else _as_asked(),
    )
    style = st.text_area(
        t("assistants.answer_style"),
        manner.answer_style,
        max_chars=2000,
        height=100,
        help=t("assistants.answer_style_help"),
    )
    shared = st.toggle(
        t("assistants.share"),
        value=assistant.shared if assistant else False,
        help=t("assistants.share_help"),
    )
    said = {
        "reasoning": reasoning,
        "language": language,
        "citation_style": citations,
        "answer_style": style.strip(),
    }
    return AssistantRequest.model_construct(
        name=name.strip(),
        description=description.strip(),
        shared=shared,
        collections=collections,
        manner=AssistantManner.model_validate(manner.model_dump() | said),
    )


def _as_asked() -> str:
    return t("assistants.as_asked")


def _language(code: str) -> str:
    if not code:
        return t("settings.answer_in_question")
    return LANGUAGES.get(code) or {"ja": "日本語", "zh": "中文"}[code]
