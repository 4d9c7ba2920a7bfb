"""The library: collections (`/library`), one of them (`?c=<slug>`), one document (`?d=<id>`).

A document opens on its page `&p=<number>`, where the address has that.
"""

from pathlib import Path

import streamlit as st

from web.parts.collection_page import collection_page
from web.parts.collections import collections_page
from web.parts.document_page import document_page
from web.parts.notices import show_notices

st.html(Path(__file__).parents[1] / "library.css")
document_id, slug = st.query_params.get("d"), st.query_params.get("c")
# A container of its own for each: else what was shown before stays while the next one loads.
with st.container(key=f"library-{document_id or slug or 'all'}"):
    if document_id:
        document_page(document_id)
    elif slug:
        collection_page(slug)
    else:
        collections_page()
show_notices()
