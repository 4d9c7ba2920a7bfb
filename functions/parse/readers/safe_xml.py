"""XML and HTML of strangers: no entity is resolved, no DTD loaded, nothing fetched."""

from typing import IO, TYPE_CHECKING

from lectern.errors import TooLarge, UnreadableDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

_MARKUP_MAX_DEPTH = 200
"""Deeper trees are not walked: they are attacks on recursion, no document nests like that."""


def parse_xml(data: bytes) -> "etree._Element":
    """Return the root of an XML document; entity references stay unresolved.

    Raises:
        UnreadableDocument: It is not well-formed.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableDocument(
            f"the file holds XML that is not well-formed ({error.msg}); export it again",
            code="damaged",
        ) from error


def parse_html(text: str) -> "etree._Element | None":
    """Return the root of an HTML document however broken it is, or None when it has no element."""
    from lxml import etree

    parser = etree.HTMLParser(
        no_network=True, remove_comments=True, remove_pis=True, huge_tree=False, encoding="utf-8"
    )
    root = etree.fromstring(text.encode(errors="replace"), parser) if text.strip() else None
    if root is not None:
        refuse_deep(root)
    return root


def stream_xml(source: IO[bytes], tags: tuple[str, ...]) -> "Iterator[etree._Element]":
    """Yield the elements named `tags` (Clark notation) as they close, in constant memory."""
    from lxml import etree

    events = etree.iterparse(
        source,
        events=("end",),
        tag=tags,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    for _, element in events:
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def refuse_deep(root: "etree._Element") -> None:
    """Refuse a tree that recursion could not walk.

    Raises:
        TooLarge: Elements nest deeper than any document would.
    """
    from lxml import etree

    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _MARKUP_MAX_DEPTH:
            raise TooLarge(
                f"the markup nests deeper than {_MARKUP_MAX_DEPTH} levels; simplify the document"
            )


def inner_text(element: "etree._Element | None") -> str:
    """Return all text within an element, as it stands."""
    return "" if element is None else "".join(str(text) for text in element.itertext())


def local_name(element: "etree._Element") -> str:
    """Return the tag without its namespace; "" for comments, instructions and entities."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
