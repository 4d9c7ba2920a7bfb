"""What is known about a document beside its text: tags, metadata, history."""

from collections.abc import Mapping

import streamlit as st

from lectern.api import CollectionReply, DocumentChange, DocumentReply
from lectern.errors import LecternError
from web.components.bars import bars
from web.language import t
from web.parts.amounts import duration_text, local_text, size_text
from web.parts.citations import plain
from web.parts.listing import look_for_tags, tags_of
from web.parts.notices import notice, trouble
from web.parts.said import error_text
from web.parts.stages import durations
from web.session import lectern

_TAGS = "document-tags"
_VALUE = "document-value-"


def details(document: DocumentReply, collection: CollectionReply) -> None:
    """Show tags and metadata, to edit or to read, and how the document came here."""
    may_edit = collection.role != "viewer"
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(t("library.tags"), anchor=False)
        if may_edit:
            _edit_tags(document, collection)
        else:
            st.text(", ".join(document.tags) or t("library.no_tags"))
        st.subheader(t("library.metadata"), anchor=False)
        if may_edit:
            _edit_metadata(document)
        else:
            st.text(_pairs_text(document.metadata) or t("library.no_metadata"))
    with right:
        st.subheader(t("library.history"), anchor=False)
        _history(document)
        st.subheader(t("library.file"), anchor=False)
        st.markdown(
            "\n".join(
                f"- {label}: {value}"
                for label, value in (
                    (t("library.file_type"), f"`{document.content_type.replace('`', '')}`"),
                    (t("library.file_size"), size_text(document.size_bytes)),
                    (t("library.file_revision"), str(document.revision)),
                    (t("library.file_added"), local_text(document.created_at)),
                    ("SHA-256", f"`{document.sha256[:16]}…`"),
                )
            )
        )


def changes(
    before: Mapping[str, str], values: Mapping[str, str], new_name: str, new_value: str
) -> Mapping[str, str | None]:
    """Return what a form changes in metadata: an emptied value removes its name."""
    found: dict[str, str | None] = {
        name: value.strip() or None for name, value in values.items() if value != before.get(name)
    }
    if new_name.strip() and new_value.strip():
        found[new_name.strip()] = new_value.strip()
    return found


def _edit_tags(document: DocumentReply, collection: CollectionReply) -> None:
    key = f"{_TAGS}-{document.document_id}"
    known = [each.tag for each in tags_of(collection)]
    st.multiselect(
        t("library.tags"),
        list(dict.fromkeys([*document.tags, *known])),
        default=document.tags,
        accept_new_options=True,
        key=key,
        placeholder=t("library.tags_placeholder"),
        label_visibility="collapsed",
        on_change=lambda: _save(document, DocumentChange(tags=st.session_state[key])),
    )


def _edit_metadata(document: DocumentReply) -> None:
    with st.form("document-metadata", border=False):
        values = {
            name: st.text_input(
                plain(name), value, key=f"{_VALUE}{document.document_id}-{name}", max_chars=500
            )
            for name, value in sorted(document.metadata.items())
        }
        name_column, value_column = st.columns(2)
        new_name = name_column.text_input(t("library.metadata_name"), max_chars=100)
        new_value = value_column.text_input(t("library.metadata_value"), max_chars=500)
        st.caption(t("library.metadata_help"))
        saved = st.form_submit_button(t("library.save"))
    if saved and (change := changes(document.metadata, values, new_name, new_value)):
        _save(document, DocumentChange(metadata=dict(change)))
        st.rerun()


def _save(document: DocumentReply, change: DocumentChange) -> None:
    try:
        lectern().documents.change(document.document_id, change)
    except LecternError as error:
        trouble(error_text(error))
        return
    look_for_tags()
    notice(t("library.saved"))


def _history(document: DocumentReply) -> None:
    timeline = document.timeline or []
    end = document.moved_at if document.state.terminal else None
    parts = durations(timeline, document.revision, now=end)
    if parts:
        total = duration_text(sum(part["value"] for part in parts))
        bars(parts, key="document-bars", label=t("library.took"), total=total)
    st.markdown(
        "\n".join(
            f"- {local_text(entry.at, seconds=True)} · {_entry_text(entry.stage)}"
            + (f" · {plain(entry.detail)}" if entry.detail and entry.stage == "failed" else "")
            for entry in sorted(timeline, key=lambda each: each.at, reverse=True)
        )
    )


def _entry_text(stage: str) -> str:
    known = {
        "awaiting_upload", "uploaded", "parsing", "embedding", "indexed", "ready", "failed",
        "deleting", "superseded", "duplicate", "trashed", "restored",
    }  # fmt: skip
    return t(f"library.entry_{stage}") if stage in known else plain(stage)


def _pairs_text(metadata: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in sorted(metadata.items()))
