"""What Lectern's functions say, in the reader's language: by its code, else as they said it.

A function gives each sentence a stable code and, for notices, the values in it; the words are in
`locale/<language>/said.json`. A code without words there is shown in the function's English.
"""

from collections.abc import Mapping
from typing import Any

from lectern.api import BulkResult, MessageFailure, Notice
from lectern.errors import LecternError
from web.language import LANGUAGE_STATE, catalog, t, text
from web.parts.citations import plain


def notice_text(notice: Notice) -> str:
    """Return a notice as Markdown."""
    parameters = {
        name: plain(value) if isinstance(value, str) else value
        for name, value in notice.parameters.items()
    }
    if reason := notice.parameters.get("reason"):
        parameters["reason"] = _known(str(reason), {}) or t("said.reason_other")
    return _known(notice.code, parameters) or plain(notice.detail)


def error_text(error: LecternError | MessageFailure | BulkResult) -> str:
    """Return why something failed as Markdown."""
    return _known(error.code, {}) or plain(error.detail)


def words(code: str) -> str:
    """Return the words for a code in the language of the page, "" if there are none."""
    return _known(code, {})


def said_in(language: str, code: str, **parameters: Any) -> str:
    """Return the words for a code in `language`, "" if there are none. For routes, too."""
    if not {f"said.{code}", f"said.{code}.other"} & set(catalog(language)):
        return ""
    try:
        return text(language, f"said.{code}", **parameters)
    except KeyError:  # from a function of another version, with other parameters
        return ""


def _known(code: str, parameters: Mapping[str, str | int]) -> str:
    import streamlit as st

    return said_in(str(st.session_state.get(LANGUAGE_STATE, "")), code, **parameters)
