"""Which pages there are, in which order, and who sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.language import t

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage


@dataclass(frozen=True, slots=True)
class PageOf:
    """A page: its file in `app_pages/` and its path; its title is `shell.page.<name>`."""

    name: str
    icon: str
    section: str
    for_admins: bool = False

    @property
    def path(self) -> str:
        """Its address on this server."""
        return "/" if self.name == "chat" else f"/{self.name}"


PAGES: Sequence[PageOf] = (
    PageOf("chat", ":material/forum:", ""),
    PageOf("library", ":material/folder_open:", ""),
    PageOf("search", ":material/manage_search:", ""),
    PageOf("settings", ":material/tune:", "you"),
    PageOf("models", ":material/neurology:", "you", for_admins=True),
    PageOf("admin", ":material/shield_person:", "you", for_admins=True),
    PageOf("help", ":material/help:", "you"),
)
PATHS = frozenset(page.path for page in PAGES)


def pages_for(*, is_admin: bool) -> "dict[str, list[StreamlitPage]]":
    """Return the pages a person sees, by section, for `st.navigation`."""
    import streamlit as st

    sections: dict[str, list[StreamlitPage]] = {}
    for page in PAGES:
        if page.for_admins and not is_admin:
            continue
        title = t(f"shell.section_{page.section}") if page.section else ""
        sections.setdefault(title, []).append(
            st.Page(
                f"app_pages/{page.name}.py",
                title=t(f"shell.page_{page.name}"),
                icon=page.icon,
                default=page.name == "chat",
                url_path=None if page.name == "chat" else page.name,
            )
        )
    return sections
