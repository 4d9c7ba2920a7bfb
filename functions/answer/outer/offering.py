"""The tools outside of Lectern that one question may use, as an agent is offered them."""

import hashlib
import json
import re
import threading
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from functions.answer.evidence import Outside
from functions.answer.inquiry import Inquiry
from functions.answer.noticing import outer_tool_changed, tool_server_failed
from functions.answer.outer.cleaning import readable, visible, visible_values
from functions.answer.outer.mcp_connection import McpConnection, RemoteTool
from functions.answer.outer.waiting import finished
from functions.answer.outer.web_search import web_results
from functions.answer.tools.box import AnswerTool, Arguments, ToolResult
from lectern.api import Notice
from lectern.catalog.port_tool_servers import ToolServer
from lectern.errors import LecternError
from lectern.tool_servers import WEB, mcp_name
from lectern.tool_servers.editing import require_usable
from lectern.tool_servers.registry import ToolServerRegistry

MOST_USES = 8
"""Of all tools outside of Lectern together, for one question."""
LONGEST_QUERY = 200
LONGEST_ARGUMENTS = 1000
"""Characters that may leave; all of them are shown with the step."""

_RESULTS = 6
_LONGEST_TEXT = 3000  # characters of what an MCP tool gives back
_LONGEST_DESCRIPTION = 1000
_LONGEST_FUNCTION_NAME = 64  # what providers of models take
_NO_PART_OF_ONE = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A server and which of its tools a question named; None for all that are allowed."""

    server: ToolServer
    tools: AbstractSet[str] | None = None


class WebArguments(Arguments):
    """What to search the web for."""

    query: Annotated[
        str,
        BeforeValidator(lambda given: visible(given) if isinstance(given, str) else given),
        Field(min_length=1, max_length=LONGEST_QUERY, description="a few words"),
    ]


class McpArguments(Arguments):
    """Whatever a foreign tool takes, as long as it is short and can be seen."""

    model_config = ConfigDict(extra="allow", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        cleaned = visible_values(given)
        if len(_as_json(cleaned)) > LONGEST_ARGUMENTS:
            raise ValueError(f"they have more than {LONGEST_ARGUMENTS} characters")
        return cleaned

    @property
    def given(self) -> dict[str, Any]:
        """The arguments as they are sent."""
        return dict(self.model_extra or {})


@dataclass(slots=True)
class Outer:
    """Makes the tools when an agent wants them; close it when the question is answered.

    Args:
        registry: Has the servers' keys.
        chosen: What the question may use; nothing where it may not.
        agreed: Ids of the collections that let their words go outside.
        notices: Why the question may not use what it named.
    """

    registry: ToolServerRegistry
    chosen: Sequence[Chosen] = ()
    agreed: AbstractSet[str] = frozenset()
    notices: Sequence[Notice] = ()
    _uses: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _connections: list[McpConnection] = field(default_factory=list)

    def tools(self, inquiry: Inquiry) -> Sequence[AnswerTool]:
        """Connect to the servers, all at once; return what they offer of what is allowed.

        What cannot be offered is left out, with a notice to the reader.
        """
        if not self.chosen:
            return ()
        with ThreadPoolExecutor(len(self.chosen), thread_name_prefix="outer") as pool:
            found = list(pool.map(lambda each: self._of_server(each, inquiry), self.chosen))
        return [tool for tools in found for tool in tools]

    def close(self) -> None:
        """End all connections. Safe to repeat."""
        for connection in self._connections:
            connection.close()

    def _of_server(self, chosen: Chosen, inquiry: Inquiry) -> Sequence[AnswerTool]:
        server = chosen.server
        try:
            require_usable(server, private=self.registry.private, commands=self.registry.commands)
            key = self.registry.key_of(server)
            if server.kind == "web":
                return [self._web(server, key)]
            return self._of_mcp(chosen, key, inquiry)
        except LecternError as error:
            inquiry.warnings.append(tool_server_failed(server.name, error))
            return ()

    def _web(self, server: ToolServer, key: str) -> AnswerTool:
        def run(arguments: WebArguments, inquiry: Inquiry) -> ToolResult:
            self._take_turn(inquiry)
            results = finished(
                web_results(server, key, arguments.query, _RESULTS),
                timeout_s=min(server.timeout_s, inquiry.left_s),
                on_cancel=inquiry.cancellation.on_cancel,
            )
            found = [Outside(WEB, each.title, each.text, each.url) for each in results]
            return ToolResult(outside=found, shown=str(len(found)))

        return AnswerTool(
            WEB,
            "Searches the public web, outside of the documents. The words leave this place.",
            WebArguments,
            run,
            lambda arguments: arguments.query,
            kind="web",
        )

    def _of_mcp(self, chosen: Chosen, key: str, inquiry: Inquiry) -> Sequence[AnswerTool]:
        server = chosen.server
        connection = McpConnection(
            server, key, lasts_s=inquiry.left_s, on_cancel=inquiry.cancellation.on_cancel
        )
        self._connections.append(connection)
        there = {
            tool.name: tool
            for tool in connection.tools(timeout_s=min(server.timeout_s, inquiry.left_s))
        }
        changed = [
            allowed.name
            for allowed in server.allowed
            if allowed.name not in there
            or (allowed.digest and allowed.digest != there[allowed.name].digest)
        ]
        self.registry.note_changed(server, changed)
        wanted = {
            allowed.name
            for allowed in server.allowed
            if chosen.tools is None or allowed.name in chosen.tools
        }
        if missing := sorted(wanted & set(changed)):
            inquiry.warnings.append(outer_tool_changed(server.name, missing))
        offered = sorted(wanted - set(changed))
        return [self._mcp(server, connection, there[name]) for name in offered]

    def _mcp(self, server: ToolServer, connection: McpConnection, remote: RemoteTool) -> AnswerTool:
        title = f"{server.name}/{remote.name}"

        def run(arguments: McpArguments, inquiry: Inquiry) -> ToolResult:
            self._take_turn(inquiry)
            called = connection.call(
                remote.name,
                arguments.given,
                timeout_s=min(server.timeout_s, inquiry.left_s),
            )
            text = readable(called.text, _LONGEST_TEXT)
            if called.failed:
                return ToolResult(f"the tool failed: {text[:500]}", failed=True)
            found = [Outside(mcp_name(server.name, remote.name), title, text)] if text else []
            return ToolResult(outside=found, shown=_beginning(text))

        return AnswerTool(
            _function_name(server.name, remote.name),
            readable(remote.description, _LONGEST_DESCRIPTION) or title,
            McpArguments,
            run,
            lambda arguments: f"{title} {_as_json(arguments.given)}",
            kind="mcp",
            schema=visible_values(remote.schema),
        )

    def _take_turn(self, inquiry: Inquiry) -> None:
        """Return if something may leave now.

        Raises:
            ValueError: It may not; says why, to the model.
        """
        if any(each.collection_id not in self.agreed for each in inquiry.evidence.passages):
            raise ValueError("a collection that was searched allows no tool outside of Lectern")
        with self._lock:
            self._uses += 1
            if self._uses > MOST_USES:
                raise ValueError(f"tools outside of Lectern were used {MOST_USES} times already")


def _function_name(server: str, tool: str) -> str:
    """Return a name for a model's calls that no other tool has."""
    name = _NO_PART_OF_ONE.sub("_", f"mcp_{server}_{tool}")
    if name == f"mcp_{server}_{tool}" and len(name) <= _LONGEST_FUNCTION_NAME:
        return name
    mark = hashlib.sha256(f"{server}/{tool}".encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_FUNCTION_NAME - 9]}_{mark}"


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _beginning(text: str) -> str:
    return visible(text)[:120]
