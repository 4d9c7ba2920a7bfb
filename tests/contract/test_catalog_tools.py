"""Servers of tools are kept, on every database."""

from dataclasses import replace

import pytest

from lectern.catalog.port import Catalog
from lectern.catalog.port_tools import AllowedTool, ToolServer
from lectern.errors import InvalidRequest, NotFound

ALLOWED = {"weather": AllowedTool("d1", "Tells.", {"type": "object", "properties": {"c": {}}})}
NEW = ToolServer("", "tools", "mcp", "https://x.example/mcp", sealed_key="sealed", allowed=ALLOWED)


def test_a_server_is_kept_as_it_was_given(empty_catalog: Catalog) -> None:
    servers = empty_catalog.tool_servers
    command = servers.create(replace(NEW, name="local", url="", command=("run", "it"), allowed={}))

    made = servers.create(NEW)

    assert made == replace(NEW, server_id=made.server_id)
    assert servers.get(made.server_id) == made
    assert servers.list() == [command, made]
    assert "sealed" not in repr(made)
    assert servers.get("unknown") is None


def test_names_are_unique(empty_catalog: Catalog) -> None:
    servers = empty_catalog.tool_servers
    servers.create(NEW)
    other = servers.create(replace(NEW, name="other"))

    with pytest.raises(InvalidRequest, match="'tools'"):
        servers.create(NEW)
    with pytest.raises(InvalidRequest, match="'tools'"):
        servers.change(replace(other, name="tools"))


def test_of_two_changes_at_once_the_second_is_refused(empty_catalog: Catalog) -> None:
    servers = empty_catalog.tool_servers
    made = servers.create(NEW)

    changed = servers.change(replace(made, enabled=False, allowed={}))

    assert (changed.version, servers.get(made.server_id)) == (2, changed)
    with pytest.raises(InvalidRequest) as refused:
        servers.change(replace(made, timeout_s=3.0))
    assert refused.value.code == "tool_server_changed"
    with pytest.raises(NotFound):
        servers.change(replace(made, server_id="unknown"))


def test_a_removed_server_is_gone_and_removing_it_again_is_no_error(
    empty_catalog: Catalog,
) -> None:
    servers = empty_catalog.tool_servers
    made = servers.create(NEW)

    servers.delete(made.server_id)
    servers.delete(made.server_id)

    assert servers.list() == []


def test_keys_are_sealed_anew(empty_catalog: Catalog) -> None:
    servers = empty_catalog.tool_servers
    made = servers.create(NEW)
    servers.create(replace(NEW, name="open", sealed_key=""))

    assert servers.reseal(lambda sealed: f"{sealed} anew") == 1

    found = servers.get(made.server_id)
    assert found is not None
    assert (found.sealed_key, found.version) == ("sealed anew", 2)
