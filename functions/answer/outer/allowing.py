"""Whether a question may use the tools outside of Lectern that it names."""

from collections.abc import Sequence

from functions.answer.noticing import outer_tools_forbidden, outer_tools_unused
from functions.answer.outer.offering import Chosen, Outer
from functions.answer.preferring import Wishes
from lectern.access import Access
from lectern.api import AnswerRequest
from lectern.catalog.port_tool_servers import ToolServer
from lectern.catalog.records import Collection
from lectern.errors import InvalidRequest
from lectern.tool_servers import WEB, mcp_name, parted
from lectern.tool_servers.names import is_outer
from lectern.tool_servers.registry import ToolServerRegistry

_AGENTS = frozenset({"react", "rewoo"})


def require_available(registry: ToolServerRegistry, request: AnswerRequest) -> None:
    """Return if all tools outside of Lectern that a request names are allowed here.

    Raises:
        InvalidRequest: One is not (code `tool_unavailable`).
    """
    named = [name for name in request.tools if is_outer(name)]
    missing = sorted(set(named) - _available(registry.serving())) if named else ()
    if missing:
        raise InvalidRequest(
            f"the tool {missing[0]!r} is not allowed here; GET /v1/tools lists what is",
            code="tool_unavailable",
        )


def allowed_outside(registry: ToolServerRegistry, access: Access, wishes: Wishes) -> Outer | None:
    """Return the tools outside of Lectern for a question, None when it names none.

    What is no longer allowed is left out. A question that searches a collection whose owner does
    not let its words go outside gets none of them, and a notice.

    Raises:
        NotFound: A collection is not the caller's to read.
    """
    if not any(map(is_outer, wishes.tools)):
        return None
    servers = registry.serving()
    available = _available(servers)
    names = [name for name in wishes.tools if name in available]
    if not names:
        return None
    if wishes.reasoning not in _AGENTS:
        return Outer(registry, notices=[outer_tools_unused(wishes.reasoning)])
    searched = _searched(access, wishes)
    against = [each.name for each in searched if not each.settings.outer_tools]
    if against:
        return Outer(registry, notices=[outer_tools_forbidden(against)])
    agreed = frozenset(each.collection_id for each in searched)
    return Outer(registry, _chosen(servers, names), agreed)


def _available(servers: Sequence[ToolServer]) -> set[str]:
    names = {WEB for server in servers if server.kind == "web"}
    for server in servers:
        if server.kind == "mcp" and server.allowed:
            names.add(mcp_name(server.name))
            names |= {mcp_name(server.name, tool.name) for tool in server.allowed}
    return names


def _chosen(servers: Sequence[ToolServer], names: Sequence[str]) -> Sequence[Chosen]:
    found = [Chosen(each) for each in servers if each.kind == "web" and WEB in names]
    wanted: dict[str, set[str]] = {}
    for name in names:
        if name != WEB:
            server, tool = parted(name)
            wanted.setdefault(server, set()).add(tool)
    found += [
        Chosen(each, None if "" in wanted[each.name] else frozenset(wanted[each.name]))
        for each in servers
        if each.kind == "mcp" and each.name in wanted
    ]
    return found


def _searched(access: Access, wishes: Wishes) -> Sequence[Collection]:
    """Return the collections that a question searches."""
    documents = [access.catalog.documents.get(each) for each in wishes.documents]
    names = [*wishes.collections, *(each.collection_id for each in documents if each)]
    if not names and wishes.documents:
        return ()
    return access.collections(names)
