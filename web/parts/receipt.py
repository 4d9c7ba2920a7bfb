"""How an answer came about, and what its question would get today."""

from html import escape

import streamlit as st

from lectern.api import MadeWith, ModelCall, PassageChange, Receipt, RepeatReply, TextChange
from lectern.errors import LecternError
from web.language import t
from web.parts.citations import plain
from web.parts.said import error_text
from web.session import lectern

_OPENED = "chat.receipt"
_MARKED = {"gone": "<del>{}</del>", "new": "<ins>{}</ins>", "same": "{}"}


def receipt_button(message_id: str) -> None:
    """Show the button that opens the receipt of a stored answer."""
    st.button(
        t("receipt.open"),
        icon=":material/receipt_long:",
        key=f"icon-receipt-{message_id}",
        type="tertiary",
        help=t("receipt.open"),
        on_click=_show,
        args=(message_id,),
    )


def receipt_dialog() -> None:
    """Show the receipt that was opened, until it is closed."""
    message_id = st.session_state.get(_OPENED)
    if message_id is None:
        return

    @st.dialog(t("receipt.open"), width="large", on_dismiss=_close)
    def dialog() -> None:
        try:
            receipt = lectern().receipts.get(message_id)
            _receipt(receipt)
            _again(receipt)
        except LecternError as error:
            st.error(error_text(error), icon=":material/error:")

    dialog()


def _show(message_id: str) -> None:
    st.session_state[_OPENED] = message_id


def _close() -> None:
    st.session_state.pop(_OPENED, None)


def _receipt(receipt: Receipt) -> None:
    when = f"{receipt.answered_at:%Y-%m-%d %H:%M} UTC"
    st.caption(t("receipt.when", when=when, version=plain(receipt.lectern_version)))
    if receipt.withheld or receipt.messages_withheld:
        st.info(t("receipt.withheld"), icon=":material/lock:")
    st.markdown("\n".join(f"- {line}" for line in lines(receipt)))
    if receipt.answer.passages:
        st.markdown(f"**{t('receipt.passages')}**")
        st.markdown("\n".join(f"- {line}" for line in _passages(receipt)))
    for number, call in enumerate(receipt.calls, start=1):
        label = t("receipt.call", number=number, model=plain(call.model))
        with st.expander(label, type="compact"):
            _call(call)
    st.download_button(
        t("receipt.download"),
        receipt.model_dump_json(indent=2),
        file_name=f"receipt-{receipt.message_id}.json",
        mime="application/json",
        icon=":material/download:",
        key="receipt-download",
        on_click="ignore",
    )


def lines(receipt: Receipt) -> list[str]:
    """Return how the question was answered, as lines of Markdown."""
    settings = receipt.settings
    found = [t("receipt.query", query=plain(receipt.query))]
    found.append(
        t(
            "receipt.settings",
            mode=t(f"settings.mode_{settings.mode}"),
            passages=settings.top_k,
            reasoning=t(f"chat.reasoning_{settings.reasoning}"),
        )
    )
    prompts = list(dict.fromkeys(call.prompt for call in receipt.calls if call.prompt))
    if prompts:
        style = t(f"receipt.style_{receipt.style}")
        found.append(t("receipt.prompts", prompts=plain(", ".join(prompts)), style=style))
    if receipt.searched:
        versions = ", ".join(str(each.version) for each in receipt.searched)
        found.append(t("receipt.searched", count=len(receipt.searched), versions=versions))
    return found


def _passages(receipt: Receipt) -> list[str]:
    hidden = t("receipt.hidden")
    return [
        t(
            "receipt.passage",
            number=number,
            name=plain(passage.document_name) or hidden,
            page=passage.page_number,
            revision=passage.revision,
        )
        for number, passage in enumerate(receipt.answer.passages, start=1)
    ]


def _call(call: ModelCall) -> None:
    used = t("receipt.tokens", prompt=call.prompt_tokens, completion=call.completion_tokens)
    st.caption(used)
    for message in call.messages:
        st.caption(t(f"receipt.role_{message.role}"))
        words = "\n".join([message.content, *message.calls])
        st.code(words or t("receipt.hidden"), language=None, wrap_lines=True)


def _again(receipt: Receipt) -> None:
    st.divider()
    st.caption(t("receipt.again_text"))
    if st.button(t("receipt.again"), icon=":material/update:", key="receipt-again"):
        with st.spinner(t("receipt.asking")):
            found = lectern().receipts.repeat(receipt.message_id)
        _comparison(found)


def _comparison(found: RepeatReply) -> None:
    changes = changed_lines(found)
    st.markdown("\n".join(f"- {line}" for line in changes or [t("receipt.nothing")]))
    st.markdown(f"**{t('receipt.answers')}**")
    st.html(f'<div style="white-space: pre-wrap">{marked(found.text)}</div>')


def changed_lines(found: RepeatReply) -> list[str]:
    """Return what is different now, as lines of Markdown; none when nothing is."""
    changed = [line for each in found.passages if (line := _passage_line(each))]
    for name in ("models", "prompts", "style", "lectern_version"):
        before, after = _said(found.then, name), _said(found.now, name)
        if before != after:
            changed.append(t(f"receipt.changed_{name}", before=plain(before), after=plain(after)))
    return changed


def marked(text: list[TextChange]) -> str:
    """Return two answers as HTML: what is only in the old struck out, only in the new underlined.

    All that an answer says is escaped.
    """
    return "".join(_MARKED[piece.change].format(escape(piece.text)) for piece in text)


def _passage_line(change: PassageChange) -> str:
    if change.change == "same":
        return ""
    name = plain(change.document_name) or t("receipt.hidden")
    return t(f"receipt.passage_{change.change}", name=name, page=change.page_number)


def _said(made: MadeWith, name: str) -> str:
    value = getattr(made, name)
    if name == "style":
        return t(f"receipt.style_{value}")
    return ", ".join(value) or "–" if isinstance(value, list) else str(value)  # noqa: RUF001
