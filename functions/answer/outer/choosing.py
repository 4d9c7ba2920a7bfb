"""Which tools outside Lectern a question may use, and how a model uses them.

Three have to agree: an administrator, who allowed the tool; the owner of every collection in the
question's scope, for what the model asks a tool may hold what it read there; and the person who
asks, who names the tool. Nothing that a document says can widen this.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from functions.answer.evidence import Finding
from functions.answer.inquiry import Inquiry
from functions.answer.noticing import (
    outer_tool_failed,
    outer_tools_need_agent,
    outer_tools_refused,
)
from functions.answer.preferring import Wishes
from functions.answer.tools.box import AnswerTool, Arguments, ToolResult
from lectern.access import Access
from lectern.api import Notice, StepLink
from lectern.catalog.port_tools import AllowedTool, ToolServer
from lectern.errors import InvalidRequest, LecternError, NotFound, PermanentError
from lectern.tool_servers import require_askable, tool_digest, tool_names

if TYPE_CHECKING:
    from mcp_types import Tool

_WITH_TOOLS = frozenset({"react", "rewoo"})
_MOST_SENT = 2000  # characters of arguments; more would carry documents away
_LONGEST_NAME = 64  # of a function, as OpenAI's API takes it
_LONGEST_FINDING = 3000
_LEARNED_S = 300.0


@dataclass(frozen=True, slots=True)
class OuterTools:
    """The tool servers of this installation.

    Args:
        servers: Returns those there are now.
        key_of: Opens the key of one.
        private: Whether this machine and private networks may be asked.
        commands: Whether servers that are commands may be started.
    """

    servers: Callable[[], Sequence[ToolServer]]
    key_of: Callable[[ToolServer], str]
    private: bool = True
    commands: bool = False
    _learned: dict[str, tuple[float, Mapping[str, AllowedTool]]] = field(default_factory=dict)

    def key_to_ask(self, server: ToolServer) -> str:
        """Return the key of a server that may be asked; raises as `require_askable`."""
        require_askable(server, private=self.private, commands=self.commands)
        return self.key_of(server)

    def offered(self, server: ToolServer) -> Mapping[str, AllowedTool]:
        """Return the tools that an MCP server offers now; raises as `mcp_client.offered`."""
        from functions.answer.outer.mcp_client import offered

        found = offered(server, self.key_to_ask(server), timeout_s=server.timeout_s)
        return {
            each.name: AllowedTool(
                digest_of(each), each.description or "", dict(each.input_schema or {})
            )
            for each in found
        }

    def allowed(self, server: ToolServer, tool: str) -> AllowedTool:
        """Return an allowed tool; one that the operator named is learned from its server.

        Raises:
            LecternError: That server cannot be asked, or has no such tool.
        """
        allowed = server.allowed[tool]
        if allowed.digest:
            return allowed
        at, learned = self._learned.get(server.server_id, (float("-inf"), {}))
        if monotonic() - at > _LEARNED_S:
            learned = self.offered(server)
            self._learned[server.server_id] = (monotonic(), learned)
        if tool not in learned:
            raise NotFound(f"{server.name!r} has no tool {tool!r}", code="tool_server")
        return learned[tool]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tools of one question, and what its reader has to know of those it does not get."""

    tools: Sequence[AnswerTool] = ()
    warnings: Sequence[Notice] = ()


def chosen_tools(wishes: Wishes, access: Access, outer: OuterTools) -> Chosen:
    """Return the tools that a question names and may use.

    Raises:
        InvalidRequest: It names one that there is not (code `no_such_tool`).
    """
    if not wishes.outer_tools:
        return Chosen()
    known = tool_names(outer.servers())
    if missing := [name for name in wishes.outer_tools if name not in known]:
        raise InvalidRequest(
            f"there is no tool {missing[0]!r} outside Lectern, or it is not allowed; see "
            "GET /v1/tools",
            code="no_such_tool",
        )
    if wishes.reasoning not in _WITH_TOOLS:
        return Chosen(warnings=[outer_tools_need_agent()])
    if refusing := _refusing(wishes, access):
        return Chosen(warnings=[outer_tools_refused(refusing)])
    tools, warnings = [], []
    for name in dict.fromkeys(wishes.outer_tools):
        try:
            tools.append(_tool(*known[name], outer))
        except LecternError as error:
            warnings.append(outer_tool_failed(name, error))
    return Chosen(tools, warnings)


def _refusing(wishes: Wishes, access: Access) -> Sequence[str]:
    """Return the names of the collections in scope that keep to Lectern."""
    scope = {}
    if wishes.collections or not wishes.documents:
        scope = {each.collection_id: each for each in access.collections(list(wishes.collections))}
    for document_id in wishes.documents:
        found = access.collection(access.document(document_id).collection_id)
        scope[found.collection_id] = found
    return sorted(each.name for each in scope.values() if not each.settings.outer_tools)


class WebArguments(Arguments):
    """What to search for on the web."""

    query: str = Field(min_length=1, max_length=300, description="a few words, nothing private")


class GivenArguments(Arguments):
    """Whatever the server's schema says."""

    model_config = ConfigDict(extra="allow", frozen=True)


def _tool(server: ToolServer, tool: str, outer: OuterTools) -> AnswerTool:
    if server.kind == "web":
        return AnswerTool(
            _name("web", server.name),
            "Searches the public web; leads to pages outside the documents. Only for what the "
            "documents cannot hold. Never put words of the documents into the query.",
            WebArguments,
            partial(_searched, server, outer),
            lambda arguments: f"{server.name}: {arguments.query}",
            kind="web",
        )
    allowed = outer.allowed(server, tool)
    return AnswerTool(
        _name("mcp", server.name, tool),
        f"A tool outside Lectern ({server.name}/{tool}). {allowed.description}".strip(),
        GivenArguments,
        partial(_called, server, tool, outer),
        lambda arguments: f"{server.name}/{tool}: {_sent(arguments)}",
        kind="outer",
        schema={"type": "object"} | dict(allowed.schema),
    )


def _searched(
    server: ToolServer, outer: OuterTools, arguments: WebArguments, inquiry: Inquiry
) -> ToolResult:
    from functions.answer.outer.web_search import search_web

    timeout_s = min(server.timeout_s, inquiry.left_s)
    key = outer.key_to_ask(server)
    results = search_web(server, key, arguments.query, timeout_s=timeout_s)
    text = "\n".join(f"- {each.title} ({each.host}): {each.snippet}" for each in results)
    if results:
        _keep(inquiry, f"web search: {arguments.query}", text)
    return ToolResult(
        text or "the web search found nothing",
        shown=", ".join(dict.fromkeys(each.host for each in results)) or "0",
        links=[StepLink(title=each.title, url=each.url) for each in results],
    )


def _called(
    server: ToolServer, tool: str, outer: OuterTools, arguments: GivenArguments, inquiry: Inquiry
) -> ToolResult:
    from functions.answer.outer.mcp_client import called

    sent = _sent(arguments)
    if len(sent) > _MOST_SENT:
        raise ValueError(f"the arguments are longer than {_MOST_SENT} characters")
    text, failed = called(
        server,
        outer.key_to_ask(server),
        tool,
        arguments.model_dump(),
        timeout_s=min(server.timeout_s, inquiry.left_s),
        on_cancel=inquiry.cancellation.on_cancel,
        require=lambda found: require_unchanged(server, found),
    )
    if text.strip() and not failed:
        _keep(inquiry, f"{server.name}/{tool}", text)
    shown = text.strip().partition("\n")[0]
    return ToolResult(text or "the tool said nothing", shown=shown or tool, failed=failed)


def require_unchanged(server: ToolServer, found: "Tool") -> None:
    """Return if a tool is the one that was allowed.

    Raises:
        NotFound: It is not allowed at all.
        PermanentError: Its description or its arguments have changed (code `tool_changed`).
    """
    allowed = server.allowed.get(found.name)
    if allowed is None:
        raise NotFound(f"the tool {found.name!r} of {server.name!r} is not allowed")
    if allowed.digest and allowed.digest != digest_of(found):
        raise PermanentError(
            f"the tool {found.name!r} of {server.name!r} describes itself in other words than when "
            "it was allowed; an administrator has to look at it again",
            code="tool_changed",
        )


def digest_of(found: "Tool") -> str:
    """Return the digest of what a tool says of itself."""
    return tool_digest(found.description or "", dict(found.input_schema or {}))


def _keep(inquiry: Inquiry, label: str, text: str) -> None:
    finding = Finding(label, text[:_LONGEST_FINDING], outside=True)
    inquiry.evidence.findings.append(finding)


def _sent(arguments: Arguments) -> str:
    return json.dumps(arguments.model_dump(), ensure_ascii=False)


def _name(*parts: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", "__".join(parts))[:_LONGEST_NAME]
