"""A mind map without a model: headings, what stands under them, and quotes, as they are written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from functions.answer.mind_maps.material import Material, Piece
from functions.answer.mind_maps.titles import short_title
from lectern.api import MindMapNode, MindMapPlace, SubjectReply

MOST_NODES = 150
MOST_PLACES = 5
_DEEPEST = 4
_MOST_CHILDREN = 40
_SUBJECTS_OF_NODE = 4
_SUBJECTS_ALONE = 24


@dataclass(slots=True)
class _Branch:
    title: str
    places: list[MindMapPlace] = field(default_factory=list)
    children: dict[str, "_Branch"] = field(default_factory=dict)

    def grown(self, title: str) -> "_Branch":
        shown = short_title(title)
        return self.children.setdefault(shown.casefold(), _Branch(shown))

    def rest_on(self, place: MindMapPlace) -> None:
        if len(self.places) < MOST_PLACES and place not in self.places:
            self.places.append(place)


def outline(material: Material) -> MindMapNode:
    """Return the tree of `material`'s headings, with subjects and quotes as its leaves.

    Documents are the first branches where there are several. Where nothing has a heading, subjects
    are the branches, or else how the pieces begin. At most `MOST_NODES` nodes: the deepest are left
    out first.
    """
    root = _Branch(short_title(material.title))
    several = len({piece.place.document_id for piece in material.pieces}) > 1
    ends: dict[str, _Branch] = {}
    for piece in material.pieces:
        path = [title for title in piece.headings if title.strip()][:_DEEPEST]
        if several:
            path = [piece.place.document_name, *path]
        branch = root
        for title in path:
            branch = branch.grown(title)
            branch.rest_on(piece.place)
        ends[piece.place.chunk_id] = branch
        if piece.quote:
            branch.grown(piece.quote).rest_on(piece.place)
    _hang_subjects(root, ends, material)
    if not root.children:
        for piece in _evenly(material.pieces, _SUBJECTS_ALONE):
            root.grown(piece.text).rest_on(piece.place)
    while len(root.children) == 1 and (only := next(iter(root.children.values()))).children:
        root.children = only.children  # one title over everything: the root says it already
    return _node(root, _depth_that_fits(root))


def _hang_subjects(root: _Branch, ends: dict[str, _Branch], material: Material) -> None:
    """Hang each subject where it is first treated; the most defined and mentioned ones first."""
    places = {piece.place.chunk_id: piece.place for piece in material.pieces}
    hung: dict[int, int] = {}
    for subject in sorted(material.subjects, key=_weight, reverse=True):
        about = [c for c in (*subject.chunk_ids, *subject.mentioned_in) if c in places]
        if subject.kind in {"title", "heading"} or not about:
            continue
        branch = ends[about[0]]
        most = _SUBJECTS_ALONE if branch is root else _SUBJECTS_OF_NODE
        if hung.get(id(branch), 0) >= most:
            continue
        hung[id(branch)] = hung.get(id(branch), 0) + 1
        leaf = branch.grown(subject.name)
        for chunk_id in dict.fromkeys(about):
            leaf.rest_on(places[chunk_id])


def _weight(subject: SubjectReply) -> tuple[bool, int]:
    return bool(subject.definition), len(subject.mentioned_in)


def _evenly(pieces: Sequence[Piece], most: int) -> Iterator[Piece]:
    step = max(1, -(-len(pieces) // most))
    yield from pieces[::step]


def _depth_that_fits(root: _Branch) -> int:
    depth = _DEEPEST + 2  # a document above the headings, a subject or a quote below
    while depth > 1 and _size(root, depth) > MOST_NODES:
        depth -= 1
    return depth


def _size(branch: _Branch, depth: int) -> int:
    if depth == 0:
        return 1
    children = list(branch.children.values())[:_MOST_CHILDREN]
    return 1 + sum(_size(child, depth - 1) for child in children)


def _node(branch: _Branch, depth: int) -> MindMapNode:
    children = list(branch.children.values())[:_MOST_CHILDREN] if depth else []
    return MindMapNode(
        title=branch.title,
        places=branch.places,
        children=[_node(child, depth - 1) for child in children],
    )
