"""The messages of a conversation as a tree: which branch leads to a message, who its siblings are.

Pure functions over a mapping from message ids to nodes. The root is "", which is no message.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from lectern.catalog.records_conversations import MessageRole, MessageState


@dataclass(frozen=True, slots=True)
class Node:
    """A message without its words; `ordinal` grows with each one made in the conversation."""

    message_id: str
    parent_id: str
    ordinal: int
    role: MessageRole
    state: MessageState


Tree = Mapping[str, Node]


def branch_to(tree: Tree, leaf_id: str) -> list[Node]:
    """Return the messages from the root to `leaf_id`, both ends included; none for ""."""
    branch: list[Node] = []
    while leaf_id:
        node = tree[leaf_id]
        branch.append(node)
        leaf_id = node.parent_id
    return branch[::-1]


def families(tree: Tree) -> Mapping[str, tuple[str, ...]]:
    """Return, for each message that has any (and the root), its children as they were made."""
    children: defaultdict[str, list[str]] = defaultdict(list)
    for node in sorted(tree.values(), key=lambda node: node.ordinal):
        children[node.parent_id].append(node.message_id)
    return {parent_id: tuple(ids) for parent_id, ids in children.items()}


def newest_leaf(tree: Tree, message_id: str) -> str:
    """Return the end of the branch that goes on from `message_id` with the newest child each."""
    newest: dict[str, Node] = {}
    for node in tree.values():
        if node.parent_id not in newest or newest[node.parent_id].ordinal < node.ordinal:
            newest[node.parent_id] = node
    while message_id in newest:
        message_id = newest[message_id].message_id
    return message_id


def place_behind(tree: Tree, active_id: str) -> str:
    """Return the parent of a question that continues the branch which ends with `active_id`.

    A question follows an answer, or takes its place beside a question without one.
    """
    if not active_id or tree[active_id].role == "answer":
        return active_id
    return tree[active_id].parent_id
