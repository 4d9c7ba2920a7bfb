"""The servers of tools outside Lectern."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from lectern.catalog.database import Database, reads, take_turns, writes
from lectern.catalog.port_tools import AllowedTool, ToolServer
from lectern.catalog.rows import now
from lectern.catalog.tables_tools import tool_servers
from lectern.documents import new_id
from lectern.errors import InvalidRequest, NotFound


class SqlToolServers:
    """See `ToolServers`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @reads
    def list(self, connection: Connection) -> Sequence[ToolServer]:
        """See `ToolServers.list`."""
        return [_server(row) for row in connection.execute(_all().order_by(tool_servers.c.name))]

    @reads
    def get(self, connection: Connection, server_id: str) -> ToolServer | None:
        """See `ToolServers.get`."""
        row = connection.execute(_all().where(tool_servers.c.server_id == server_id)).first()
        return _server(row) if row else None

    @writes
    def create(self, connection: Connection, server: ToolServer) -> ToolServer:
        """See `ToolServers.create`."""
        take_turns(connection, "tool_servers")
        made = replace(server, server_id=new_id(), version=1)
        _require_free(connection, made)
        connection.execute(insert(tool_servers).values(**_values(made), created_at=now()))
        return made

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
        changed = replace(server, version=server.version + 1)
        _require_free(connection, changed)
        connection.execute(update(tool_servers).where(mine).values(**_values(changed)))
        return changed

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


def _all() -> Any:
    return select(tool_servers)


def _values(server: ToolServer) -> dict[str, Any]:
    return asdict(server) | {"command": list(server.command)}


def _server(row: Row[Any]) -> ToolServer:
    fields = {name: value for name, value in row._mapping.items() if name != "created_at"}  # noqa: SLF001 - SQLAlchemy's public name of it
    fields["command"] = tuple(row.command)
    fields["allowed"] = {name: AllowedTool(**each) for name, each in row.allowed.items()}
    return ToolServer(**fields)


def _require_free(connection: Connection, server: ToolServer) -> None:
    same = select(tool_servers.c.server_id).where(
        tool_servers.c.name == server.name, tool_servers.c.server_id != server.server_id
    )
    if connection.execute(same).first() is not None:
        raise InvalidRequest(
            f"there is a tool server {server.name!r} already; choose another name",
            code="name_taken",
        )
