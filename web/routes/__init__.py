"""Routes of our own beside Streamlit's: each module knows one thing and lists its `ROUTES`."""
