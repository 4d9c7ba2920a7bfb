"""Short messages about what was done, which survive the rerun that often follows."""

import streamlit as st

_STATE = "library:notices"


def notice(text: str) -> None:
    """Say that something was done."""
    st.session_state.setdefault(_STATE, []).append((text, ":material/check:", "short"))


def trouble(text: str) -> None:
    """Say that something could not be done, and why."""
    st.session_state.setdefault(_STATE, []).append((text, ":material/error:", "long"))


def show_notices() -> None:
    """Show what was said since the last time; where a run ends that no rerun cuts short."""
    for text, icon, duration in st.session_state.pop(_STATE, []):
        st.toast(text, icon=icon, duration=duration)
