"""Servers of tools are kept, on every database."""

from dataclasses import replace

import pytest

from lectern.catalog.port import Catalog
from lectern.catalog.port_tool_servers import AllowedTool, ToolServer
from lectern.errors import InvalidRequest, NotFound

DIGEST = "0" * 64
WIKI = ToolServer(
    "",
    "wiki",
    "mcp",
    url="https://wiki.example.org/mcp",
    description="The team's wiki",
    sealed_key="sealed",
    allowed=(AllowedTool("lookup", "Looks up", DIGEST),),
)


def test_a_server_is_kept_as_it_was_given(empty_catalog: Catalog) -> None:
    servers = empty_catalog.tool_servers

    made = servers.create(WIKI)
    command = servers.create(
        ToolServer("", "local", "mcp", command=("python", "-m", "tools"), timeout_s=3.5)
    )

    assert made == replace(WIKI, server_id=made.server_id)
    assert servers.get(made.server_id) == made
    assert list(servers.list()) == [command, made]
    assert "sealed" not in repr(made)
    assert servers.get("none") is None


def test_names_are_unique(empty_catalog: Catalog) -> None:
    servers = empty_catalog.tool_servers
    servers.create(WIKI)
    other = servers.create(replace(WIKI, name="other"))

    with pytest.raises(InvalidRequest, match="'wiki'"):
        servers.create(WIKI)
    with pytest.raises(InvalidRequest, match="'wiki'"):
        servers.change(replace(other, name="wiki"))


def test_of_two_changes_at_once_the_second_is_refused(empty_catalog: Catalog) -> None:
    servers = empty_catalog.tool_servers
    made = servers.create(WIKI)

    changed = servers.change(replace(made, enabled=False, allowed=()))

    assert (changed.version, servers.get(made.server_id)) == (2, changed)
    with pytest.raises(InvalidRequest) as refused:
        servers.change(replace(made, timeout_s=1.0))
    assert refused.value.code == "tool_server_changed"
    with pytest.raises(NotFound):
        servers.change(replace(made, server_id="none"))


def test_what_changed_at_a_server_is_noted_until_it_is_allowed_again(
    empty_catalog: Catalog,
) -> None:
    servers = empty_catalog.tool_servers
    made = servers.create(WIKI)

    servers.note_changed(made.server_id, ["lookup", "lookup"])
    servers.note_changed("none", ["lookup"])

    noted = servers.get(made.server_id)
    assert noted == replace(made, changed=("lookup",))
    assert servers.change(replace(made, timeout_s=9.0)).changed == ()


def test_foreign_descriptions_can_hold_what_no_database_does(empty_catalog: Catalog) -> None:
    odd = replace(WIKI, allowed=(AllowedTool("lookup", "a\0b\ud800", DIGEST),))

    made = empty_catalog.tool_servers.create(odd)

    assert made.allowed[0].description == "a\ufffdb?"
    assert empty_catalog.tool_servers.get(made.server_id) == made


def test_keys_are_sealed_anew_and_servers_removed(empty_catalog: Catalog) -> None:
    servers = empty_catalog.tool_servers
    made = servers.create(WIKI)
    servers.create(replace(WIKI, name="open", sealed_key=""))

    assert servers.reseal(str.upper) == 1

    sealed = servers.get(made.server_id)
    assert sealed is not None
    assert (sealed.sealed_key, sealed.version) == ("SEALED", 2)
    servers.delete(made.server_id)
    servers.delete(made.server_id)
    assert [each.name for each in servers.list()] == ["open"]
