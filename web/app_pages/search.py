"""The search page: try a retrieval with every setting; its address carries all of them."""

from pathlib import Path

import streamlit as st

from lectern.errors import InvalidRequest, NotFound
from web.language import t
from web.parts.results import results
from web.parts.said import error_text, notice_text
from web.parts.search_form import search_form
from web.session import lectern

st.html(Path(__file__).parents[1] / "library.css")
st.title(t("shell.page_search"), anchor=False)
collections = lectern().collections.list()
asked = search_form(collections)
if not asked.query.strip():
    with st.container(key="search-nothing", horizontal_alignment="center"):
        st.markdown(f"**{t('search.empty_title')}**", text_alignment="center")
        st.caption(t("search.empty_text"), text_alignment="center")
        if not collections:
            st.page_link("app_pages/library.py", label=t("search.to_library"))
    st.stop()
place = st.container(key="search-found")
try:
    with place.skeleton(height=320):
        reply = lectern().search(asked.request())
except (InvalidRequest, NotFound) as error:
    st.error(error_text(error), icon=":material/error:")
    st.stop()
with place:
    if reply.passages:
        results(asked.query, reply)
    else:
        with st.container(key="search-nothing", horizontal_alignment="center"):
            st.markdown(f"**{t('search.none_title')}**", text_alignment="center")
            advice = "search.none_filtered" if asked.filters else "search.none_text"
            st.caption(t(advice), text_alignment="center")
        for warning in reply.warnings:
            st.warning(notice_text(warning), icon=":material/info:")
