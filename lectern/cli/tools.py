"""`lectern tools`. A key is typed without echo or read from stdin: never an argument."""

import sys
from typing import TYPE_CHECKING

import click

from lectern.cli.models import read_key
from lectern.cli.session import session, talks_to_lectern

if TYPE_CHECKING:
    from lectern.api import ToolServerReply
    from lectern.client import Lectern

_SEARCHES = click.Choice(["searxng", "brave", "tavily"])


@click.group()
def tools() -> None:
    """Tools outside Lectern: list them; for administrators, add, allow, try or remove servers."""


@tools.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def list_tools(*, as_json: bool, server: str | None, token: str | None) -> None:
    """Show the tools that a question may name with --tool."""
    from lectern.cli.output import print_json, printable

    with session(server, token) as here:
        found = here.lectern.tools.available()
    if as_json:
        print_json({"tools": [each.model_dump(mode="json") for each in found]})
        return
    for each in found:
        click.echo(printable(f"{each.name:40}  {each.description.partition(chr(10))[0]}"))


@tools.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def servers(*, as_json: bool, server: str | None, token: str | None) -> None:
    """Show the servers and which of their tools are allowed."""
    from lectern.cli.output import print_json, printable

    with session(server, token) as here:
        found = here.lectern.tools.servers()
    if as_json:
        print_json({"servers": [each.model_dump(mode="json") for each in found]})
        return
    for each in found:
        where = each.url or " ".join(each.command)
        state = "" if each.enabled else "  (off)"
        click.echo(
            printable(f"{each.name}  {each.kind}  {where}  {', '.join(each.allowed)}{state}")
        )


@tools.command()
@click.argument("name")
@click.argument("url")
@click.option("--web", "web_kind", type=_SEARCHES, help="A web search of this kind; else MCP.")
@click.option("--key", "with_key", is_flag=True, help="Ask for a key, or read it from stdin.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def add(
    name: str,
    url: str,
    *,
    web_kind: str | None,
    with_key: bool,
    as_json: bool,
    server: str | None,
    token: str | None,
) -> None:
    """Add a server. Of an MCP server nothing may be used before `lectern tools allow`."""
    from pydantic import ValidationError

    from lectern.api import ToolServerRequest
    from lectern.cli.output import print_json, printable

    described = {"name": name, "url": url, "kind": "web" if web_kind else "mcp"}
    try:
        request = ToolServerRequest.model_validate(
            described | {"web_kind": web_kind, "key": read_key() if with_key else ""}
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise click.UsageError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    with session(server, token) as here:
        made = here.lectern.tools.create(request)
    if as_json:
        print_json(made.model_dump(mode="json"))
    else:
        click.echo(printable(made.server_id))


@tools.command("test")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def try_server(name: str, *, as_json: bool, server: str | None, token: str | None) -> None:
    """Ask a server what it offers; the exit code says whether it answered."""
    from lectern.cli.output import print_json, printable

    with session(server, token) as here:
        tried = here.lectern.tools.test(_named(here.lectern, name).server_id)
    if as_json:
        print_json(tried.model_dump(mode="json"))
    elif tried.reachable:
        click.echo(f"it answers after {tried.latency_ms:.0f} ms")
        for each in tried.tools:
            said = each.description.partition("\n")[0]
            click.echo(printable(f"{each.state:8} {each.name:30} {said}"))
    else:
        click.echo(printable(tried.detail), err=True)
    if not tried.reachable:
        sys.exit(1)


@tools.command()
@click.argument("name")
@click.argument("tool", nargs=-1)
@talks_to_lectern
def allow(name: str, tool: tuple[str, ...], *, server: str | None, token: str | None) -> None:
    """Allow tools of an MCP server as they are described now, and no others; none forbids all."""
    with session(server, token) as here:
        found = _named(here.lectern, name)
        offered = {each.name: each for each in here.lectern.tools.test(found.server_id).tools}
        if missing := [each for each in tool if each not in offered]:
            known = ", ".join(offered) or "none"
            raise click.ClickException(f"{name!r} offers no {missing[0]!r}; there are: {known}")
        here.lectern.tools.allow(found.server_id, [offered[each] for each in tool])


@tools.command()
@click.argument("name")
@talks_to_lectern
def remove(name: str, *, server: str | None, token: str | None) -> None:
    """Remove a server."""
    with session(server, token) as here:
        here.lectern.tools.delete(_named(here.lectern, name).server_id)


def _named(lectern: "Lectern", name: str) -> "ToolServerReply":
    for each in lectern.tools.servers():
        if name in {each.server_id, each.name}:
            return each
    raise click.ClickException(f"there is no tool server {name!r}; see `lectern tools servers`")
