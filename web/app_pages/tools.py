"""Tools: search engines and MCP servers outside of Lectern, and what of them may be used."""

import streamlit as st

from lectern.errors import Forbidden
from web.language import t
from web.parts.tool_form import edit, form_if_open
from web.parts.tool_servers import server_card
from web.session import lectern, user

if not user().is_admin:
    raise Forbidden("this page is for administrators")

st.title(t("shell.page_tools"), anchor=False)
st.markdown(t("tools.text"))
with st.spinner(t("tools.loading")):
    found = lectern().tool_servers.list()
if st.button(t("tools.add"), key="tool-add", icon=":material/add:", type="primary"):
    edit("")
form_if_open(found)
if not found.servers:
    with st.container(key="tool-none", border=True):
        st.markdown(t("tools.none"))
for server in found.servers:
    server_card(server)
