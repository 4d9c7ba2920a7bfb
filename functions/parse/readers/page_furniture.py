"""What of a web page is read: not what is hidden, and not the navigation around its content."""

import re
from typing import TYPE_CHECKING, NamedTuple

from functions.parse.readers.safe_xml import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

_SKIPPED = frozenset({
    "script", "style", "noscript", "template", "nav", "head", "iframe", "object", "embed",
    "applet", "canvas", "audio", "video", "map", "button", "select", "datalist", "input",
    "textarea", "svg", "dialog",
})  # fmt: skip
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LANDMARKS = frozenset({"header", "footer"})
_GROUPS = frozenset({"div", "section", "aside", "ul", "ol", "dl", "p", "table", "form"})
_MAIN_SHARE = 0.4  # of the page's text: below it, <main> or <article> is a teaser
_LINKED_SHARE = 0.5  # of a group's text: above it, the group is there to lead elsewhere


class _Length(NamedTuple):
    """Characters that an element shows, those in links, and those in paragraphs of prose."""

    shown: int
    linked: int
    prose: int


def is_hidden(element: "etree._Element") -> bool:
    """Whether people do not see the element."""
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or element.get("role") in {"navigation", "search"}
        or bool(_HIDING_STYLE.search(element.get("style", "")))
    )


def is_skipped(element: "etree._Element") -> bool:
    """Whether the element holds nothing to read."""
    return local_name(element) in _SKIPPED or is_hidden(element)


def leave_out_navigation(root: "etree._Element") -> None:
    """Hide what leads elsewhere around a lone main or article that holds much of the page.

    Headers and footers with links in them go, and groups whose text is mostly links, but for the
    paragraphs of prose among them. A page without such an element stays whole: nothing tells its
    content from what is around it.
    """
    lengths = _lengths(root)
    for name in ("main", "article"):
        found = root.findall(f".//{name}")
        if len(found) == 1 and lengths[found[0]][0] >= _MAIN_SHARE * lengths[root][0]:
            _hide_around(found[0], lengths)
            return


def shown_headings(root: "etree._Element") -> "Iterator[etree._Element]":
    """Yield the first-level headings that are not hidden."""
    for heading in root.iter("h1"):
        if not any(is_skipped(element) for element in (heading, *heading.iterancestors())):
            yield heading


def _lengths(root: "etree._Element") -> "dict[etree._Element, _Length]":
    lengths: dict[etree._Element, _Length] = {}
    for element in reversed(list(root.iter())):  # children before their parents
        shown = linked = prose = 0
        name = local_name(element)
        if name and not is_skipped(element):
            shown = len((element.text or "").strip())
            for child in element:
                inner = lengths[child]
                shown += inner.shown + len((child.tail or "").strip())
                linked += inner.linked
                prose += inner.prose
        if name == "a":
            linked = shown
        if name == "p" and linked <= _LINKED_SHARE * shown:
            prose = shown
        lengths[element] = _Length(shown, linked, prose)
    return lengths


def _hide_around(main: "etree._Element", lengths: "dict[etree._Element, _Length]") -> None:
    inside = main
    for container in main.iterancestors():
        for name in ("hidden", "aria-hidden", "style"):  # until a script shows the page
            container.attrib.pop(name, "")
        around = [element for element in container if element is not inside]
        while around:
            element = around.pop()
            if _leads_elsewhere(local_name(element), lengths[element]):
                element.set("hidden", "")
            else:
                around.extend(element)
        inside = container


def _leads_elsewhere(name: str, length: _Length) -> bool:
    if length.prose:
        return False
    if name in _LANDMARKS:
        return length.linked > 0
    return name in _GROUPS and length.linked > _LINKED_SHARE * length.shown
