"""The library: collections (`/library`), one of them (`?c=<slug>`), one document (`?d=<id>`)."""

import streamlit as st

from web.parts.collection_page import collection_page
from web.parts.collections import collections_page
from web.parts.document_page import document_page

if document_id := st.query_params.get("d"):
    document_page(document_id)
elif slug := st.query_params.get("c"):
    collection_page(slug)
else:
    collections_page()
