"""The web user interface: Streamlit pages behind a small ASGI shell of our own.

Talks to Lectern only through `lectern.client`; ADR 0012 says why it is built this way.
"""
