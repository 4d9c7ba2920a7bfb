"""The servers of tools outside of Lectern, as administrators set them up."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from lectern.catalog.database import Database, reads, take_turns, writes
from lectern.catalog.port_tool_servers import AllowedTool, ToolServer
from lectern.catalog.rows import now, storable
from lectern.catalog.tables_tools import tool_servers
from lectern.documents import new_id
from lectern.errors import InvalidRequest, NotFound

_FIELDS = [field.name for field in fields(ToolServer)]


class SqlToolServers:
    """See `ToolServers`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @reads
    def list(self, connection: Connection) -> Sequence[ToolServer]:
        """See `ToolServers.list`."""
        rows = connection.execute(select(tool_servers).order_by(tool_servers.c.name))
        return [_server(row) for row in rows]

    @reads
    def get(self, connection: Connection, server_id: str) -> ToolServer | None:
        """See `ToolServers.get`."""
        mine = select(tool_servers).where(tool_servers.c.server_id == server_id)
        row = connection.execute(mine).first()
        return _server(row) if row else None

    @writes
    def create(self, connection: Connection, server: ToolServer) -> ToolServer:
        """See `ToolServers.create`."""
        take_turns(connection, "tool_servers")
        made = replace(server, server_id=new_id(), changed=(), version=1)
        _require_free(connection, made)
        connection.execute(insert(tool_servers).values(**_values(made), created_at=now()))
        return _storable(made)

    @writes
    def change(self, connection: Connection, server: ToolServer) -> ToolServer:
        """See `ToolServers.change`."""
        take_turns(connection, "tool_servers")
        mine = tool_servers.c.server_id == server.server_id
        stored = connection.execute(select(tool_servers.c.version).where(mine)).scalar()
        if stored is None:
            raise NotFound(f"there is no tool server {server.server_id!r}")
        if stored != server.version:
            raise InvalidRequest(
                f"the tool server {server.name!r} was changed meanwhile; look at it and change it "
                "again",
                code="tool_server_changed",
            )
        changed = replace(server, changed=(), version=server.version + 1)
        _require_free(connection, changed)
        connection.execute(update(tool_servers).where(mine).values(**_values(changed)))
        return _storable(changed)

    @writes
    def note_changed(self, connection: Connection, server_id: str, names: Sequence[str]) -> None:
        """See `ToolServers.note_changed`."""
        connection.execute(
            update(tool_servers)
            .where(tool_servers.c.server_id == server_id)
            .values(changed=sorted(set(names)))
        )

    @writes
    def delete(self, connection: Connection, server_id: str) -> None:
        """See `ToolServers.delete`."""
        connection.execute(delete(tool_servers).where(tool_servers.c.server_id == server_id))

    @writes
    def reseal(self, connection: Connection, rotate: Callable[[str], str]) -> int:
        """See `ToolServers.reseal`."""
        sealed = connection.execute(
            select(tool_servers.c.server_id, tool_servers.c.sealed_key)
            .where(tool_servers.c.sealed_key != "")
            .with_for_update()
        ).all()
        for row in sealed:
            connection.execute(
                update(tool_servers)
                .where(tool_servers.c.server_id == row.server_id)
                .values(sealed_key=rotate(row.sealed_key), version=tool_servers.c.version + 1)
            )
        return len(sealed)


def _server(row: Row[Any]) -> ToolServer:
    values = {name: getattr(row, name) for name in _FIELDS}
    allowed = tuple(AllowedTool(**each) for each in values["allowed"])
    lists = {"command": tuple(values["command"]), "changed": tuple(values["changed"])}
    return ToolServer(**values | lists | {"allowed": allowed})


def _values(server: ToolServer) -> dict[str, Any]:
    values = asdict(_storable(server))
    return values | {name: list(values[name]) for name in ("allowed", "command", "changed")}


def _storable(server: ToolServer) -> ToolServer:
    """Return the server with texts that every database can keep: other people wrote them."""
    return replace(
        server,
        description=storable(server.description),
        command=tuple(map(storable, server.command)),
        allowed=tuple(
            replace(each, description=storable(each.description)) for each in server.allowed
        ),
    )


def _require_free(connection: Connection, server: ToolServer) -> None:
    same = select(tool_servers.c.server_id).where(
        tool_servers.c.name == server.name, tool_servers.c.server_id != server.server_id
    )
    if connection.execute(same).first() is not None:
        raise InvalidRequest(
            f"there is a tool server {server.name!r} already; choose another name",
            code="name_taken",
        )
