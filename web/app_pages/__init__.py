"""The pages of the navigation, one script each; Streamlit runs them, nothing imports them."""
