"""Models page: which models serve what, and who stands in when one fails."""

from collections.abc import Sequence

import streamlit as st

from lectern.api import ModelDefaults, ModelEntryReply
from lectern.errors import LecternError
from web.language import t
from web.parts.notices import notice
from web.parts.said import error_text
from web.session import lectern

_KIND_OF_USE = {
    "answer": "chat",
    "small": "chat",
    "vision": "chat",
    "rerank": "rerank",
    "embedding": "embedding",
}
_MOST = 10


def choices(found: Sequence[ModelEntryReply]) -> None:
    """Let administrators choose models for each use, the first choice first."""
    st.caption(t("models.choices_text"))
    chosen = lectern().models.defaults()
    names = {entry.model_id: entry.name for entry in found}
    with st.form("model-choices", border=False):
        wanted = {}
        for use, kind in _KIND_OF_USE.items():
            fitting = [e.model_id for e in found if e.kind == kind]
            wanted[use] = st.multiselect(
                t(f"models.use_{use}"),
                fitting,
                default=[each for each in getattr(chosen, use) if each in fitting],
                format_func=lambda model_id: names.get(model_id, model_id),
                placeholder=t(f"models.unchosen_{use}"),
                max_selections=_MOST,
                help=t("models.embedding_help") if use == "embedding" else None,
                key=f"model-use-{use}",
            )
        saved = st.form_submit_button(t("models.save"), type="primary")
    if saved:
        try:
            lectern().models.set_defaults(ModelDefaults.model_validate(wanted))
        except LecternError as error:
            st.error(error_text(error), icon=":material/error:")
            return
        notice(t("models.saved"))
        st.rerun()
