"""A mind map drawn by a chat model: its words, but every branch rests on passages."""

from collections.abc import Sequence

from pydantic import BaseModel

from functions.answer.mind_maps.material import Material, Piece
from functions.answer.mind_maps.outline import MOST_PLACES
from functions.answer.mind_maps.titles import short_title
from functions.answer.prompt import CONTEXT_TOKENS, estimated_tokens, inert
from functions.answer.prompting import prompt_text
from lectern.api import MindMapNode
from lectern.errors import TransientError
from lectern.models import ChatMessage, ChatModel, ChatUsage
from lectern.models.structured import reply_as

PROMPT_VERSION = "mind-map-v1"
_MOST_BRANCHES = 8
_MOST_LEAVES = 6
_MOST_PIECES = 48
_PIECE_CHARACTERS = 700


class _Leaf(BaseModel):
    title: str
    passages: list[int]


class _Twig(_Leaf):
    children: list[_Leaf] = []


class _Map(BaseModel):
    title: str
    branches: list[_Twig]


def written_map(
    material: Material, chat: ChatModel, *, timeout_s: float, usage: ChatUsage
) -> MindMapNode:
    """Return the map that `chat` draws, two levels deep.

    Of a long document it sees pieces from all over it. A branch that names no passage it was given
    is left out. The model's title is not used: the caller knows what the map is about.

    Args:
        material: At least one piece.
        chat: Called once, or twice when its reply does not fit.
        timeout_s: Longest wait for both calls together.
        usage: Tokens are added here.

    Raises:
        TransientError: Nothing of the reply rests on a passage (code `chat_misshapen`).
        LecternError: See `reply_as`.
    """
    shown = _chosen(material.pieces)
    blocks = [_block(number, piece) for number, piece in enumerate(shown, start=1)]
    asked = f"<question>\n{inert(material.title)}\n</question>"
    messages = [
        ChatMessage("system", prompt_text(PROMPT_VERSION)),
        ChatMessage("user", "\n\n".join([*blocks, asked])),
    ]
    drawn = reply_as(chat, messages, _Map, timeout_s=timeout_s, usage=usage)
    branches = [_branch(each, shown) for each in drawn.branches[:_MOST_BRANCHES]]
    children = [branch for branch in branches if branch.places]
    if not children:
        raise TransientError(
            f"the map of the chat model {chat.name!r} rests on no passage; ask again or choose a "
            "larger model",
            code="chat_misshapen",
        )
    return MindMapNode(title=short_title(material.title), places=[], children=children)


def _branch(drawn: _Twig, shown: Sequence[Piece]) -> MindMapNode:
    """Return a branch with its leaves; without numbers of its own it rests on what they rest on."""
    leaves = [
        node for node in (_node(leaf, shown) for leaf in drawn.children[:_MOST_LEAVES]) if node
    ]
    own = _node(drawn, shown)
    places = own.places if own else [place for leaf in leaves for place in leaf.places]
    return MindMapNode(
        title=short_title(drawn.title),
        places=list({place.chunk_id: place for place in places}.values())[:MOST_PLACES],
        children=leaves,
    )


def _node(drawn: _Leaf, shown: Sequence[Piece]) -> MindMapNode | None:
    numbers = [n for n in dict.fromkeys(drawn.passages) if 1 <= n <= len(shown)]
    if not numbers or not drawn.title.strip():
        return None
    places = [shown[number - 1].place for number in numbers[:MOST_PLACES]]
    return MindMapNode(title=short_title(drawn.title), places=places)


def _chosen(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """Return pieces from the beginning to the end, as many as the model has room for."""
    step = max(1, -(-len(pieces) // _MOST_PIECES))
    chosen = list(pieces[::step])
    while len(chosen) > 1 and sum(map(_tokens, chosen)) > CONTEXT_TOKENS:
        chosen = [piece for at, piece in enumerate(chosen) if at % 4 != 3]  # noqa: PLR2004
    return chosen


def _tokens(piece: Piece) -> int:
    return estimated_tokens(_block(1, piece))


def _block(number: int, piece: Piece) -> str:
    heading = inert(" > ".join(piece.headings)[:200])
    text = inert(piece.text[:_PIECE_CHARACTERS])
    return f'<passage number="{number}">\n{heading}\n{text}\n</passage>'
