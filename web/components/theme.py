"""Light or dark as the person has chosen; by default as their system is."""

from collections.abc import Collection

from lectern.api import Theme
from web.components.registering import registered


def apply_theme(theme: Theme, paths: Collection[str]) -> None:
    """Show all pages in a theme.

    Args:
        theme: What was chosen.
        paths: The addresses of all pages; the browser keeps the choice for each.
    """
    registered("theme", "<span></span>")(
        data={"theme": theme, "paths": sorted(paths)}, key="lectern-theme", height=1
    )
