"""`lectern tools`: search engines and MCP servers. A key is read from stdin, never an argument."""

import sys
from typing import TYPE_CHECKING, Any

import click

from lectern.cli.session import read_key, session, talks_to_lectern

if TYPE_CHECKING:
    from lectern.api import ToolServerReply, ToolServerTestReply
    from lectern.client import Lectern

_PROVIDERS = click.Choice(["searxng", "brave", "tavily"])


@click.group()
def tools() -> None:
    """List, add, allow, remove or try tools outside of Lectern; for administrators."""


@tools.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def list_tools(*, as_json: bool, server: str | None, token: str | None) -> None:
    """Show what a question may be allowed to use; to administrators, all servers too."""
    from lectern.cli.output import print_json, printable

    with session(server, token) as here:
        allowed = here.lectern.tool_servers.allowed()
        servers = here.lectern.tool_servers.list().servers if here.lectern.me().is_admin else []
    if as_json:
        shown: dict[str, Any] = {
            "tools": [each.model_dump(mode="json") for each in allowed],
            "servers": [each.model_dump(mode="json") for each in servers],
        }
        print_json(shown)
        return
    for each in servers:
        marks = [
            *(["environment"] if each.of_environment else []),
            *([] if each.enabled else ["off"]),
            *([f"changed: {' '.join(each.changed)}"] if each.changed else []),
        ]
        mark = f"  ({', '.join(marks)})" if marks else ""
        where = each.url or " ".join(each.command) or each.provider
        click.echo(printable(f"{each.server_id}  {each.kind:4}  {each.name}  {where}{mark}"))
    for tool in allowed:
        click.echo(printable(f"{tool.name}  {' '.join(tool.description.split())[:100]}".rstrip()))


@tools.command("add-web")
@click.argument("name")
@click.option("--provider", type=_PROVIDERS, required=True, help="Kind of search engine.")
@click.option("--url", default="", help="Base URL; SearXNG needs it.")
@click.option("--key", "with_key", is_flag=True, help="Ask for a key, or read it from stdin.")
@talks_to_lectern
def add_web(
    name: str,
    *,
    provider: str,
    url: str,
    with_key: bool,
    server: str | None,
    token: str | None,
) -> None:
    """Add a search engine for the tool `web`."""
    given = {"name": name, "kind": "web", "provider": provider, "url": url, "timeout_s": 10.0}
    _add(given, with_key=with_key, server=server, token=token)


@tools.command("add-mcp")
@click.argument("name")
@click.argument("command", nargs=-1)
@click.option("--url", default="", help="Address of its streamable HTTP, often ending in /mcp.")
@click.option("--description", default="", help="What it is for.")
@click.option("--key", "with_key", is_flag=True, help="Ask for a key, or read it from stdin.")
@talks_to_lectern
def add_mcp(
    name: str,
    *,
    command: tuple[str, ...],
    url: str,
    description: str,
    with_key: bool,
    server: str | None,
    token: str | None,
) -> None:
    """Add an MCP server: a --url, or a command behind `--`. Allow its tools afterwards."""
    given = {"name": name, "kind": "mcp", "url": url, "description": description}
    _add(given | {"command": list(command)}, with_key=with_key, server=server, token=token)


@tools.command()
@click.argument("name")
@click.argument("tool", nargs=-1)
@talks_to_lectern
def allow(name: str, tool: tuple[str, ...], *, server: str | None, token: str | None) -> None:
    """Allow these tools of an MCP server as they are now, and no others; none allows nothing."""
    from lectern.api import AllowedTool, ToolServerChange
    from lectern.cli.output import printable

    with session(server, token) as here:
        entry = _named(here.lectern, name)
        tried = here.lectern.tool_servers.test(entry.server_id)
        if tool and not tried.reachable:
            raise click.ClickException(tried.detail)
        there = {each.name: each for each in tried.tools if each.state != "gone"}
        if missing := [each for each in tool if each not in there]:
            raise click.ClickException(
                f"{entry.name} has no tool {missing[0]!r}; it has {', '.join(there) or 'none'}"
            )
        allowed = [
            AllowedTool(name=each, description=there[each].description, digest=there[each].digest)
            for each in dict.fromkeys(tool)
        ]
        here.lectern.tool_servers.change(entry.server_id, ToolServerChange(allowed=allowed))
    for each in allowed:
        click.echo(printable(f"mcp:{entry.name}/{each.name}"))


@tools.command()
@click.argument("name")
@talks_to_lectern
def remove(name: str, *, server: str | None, token: str | None) -> None:
    """Remove a server, by its name or id."""
    with session(server, token) as here:
        here.lectern.tool_servers.delete(_named(here.lectern, name).server_id)


@tools.command("test")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def try_server(name: str, *, as_json: bool, server: str | None, token: str | None) -> None:
    """List what a server offers, or search once; the exit code says whether it answered."""
    from lectern.cli.output import print_json

    with session(server, token) as here:
        tried = here.lectern.tool_servers.test(_named(here.lectern, name).server_id)
    if as_json:
        print_json(tried.model_dump(mode="json"))
    else:
        _show(tried)
    if not tried.reachable:
        sys.exit(1)


def _add(given: dict[str, Any], *, with_key: bool, server: str | None, token: str | None) -> None:
    from pydantic import ValidationError

    from lectern.api import ToolServerRequest
    from lectern.cli.output import printable

    key = read_key() if with_key else ""
    try:
        request = ToolServerRequest.model_validate(given | {"key": key})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise click.UsageError(f"{where}: {first['msg']}".removeprefix(": ")) from error
    with session(server, token) as here:
        made = here.lectern.tool_servers.create(request)
    click.echo(printable(made.server_id))


def _show(tried: "ToolServerTestReply") -> None:
    from lectern.cli.output import printable

    if not tried.reachable:
        click.echo(printable(tried.detail), err=True)
        return
    click.echo(f"it answers after {tried.latency_ms:.0f} ms")
    for each in tried.tools:
        about = " ".join(each.description.split())[:100]
        click.echo(printable(f"{each.state:8}  {each.name}  {each.digest}  {about}".rstrip()))
    if tried.results:
        click.echo(f"{tried.results} results")


def _named(lectern: "Lectern", name: str) -> "ToolServerReply":
    for each in lectern.tool_servers.list().servers:
        if name in {each.server_id, each.name}:
            return each
    raise click.ClickException(f"there is no tool server {name!r}; see `lectern tools list`")
