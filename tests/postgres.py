"""A PostgreSQL server of the tests' own: in a temporary folder, on a Unix socket, thrown away."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from lectern.settings import Settings

BACKENDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
_SETTINGS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"


@contextmanager
def postgres_server() -> Iterator[str]:
    """Give the URL of a PostgreSQL server; skip where there is none and none can be started.

    Takes `LECTERN_TEST_DATABASE_URL` if set, whose user must be allowed to create databases.
    """
    given = os.environ.get("LECTERN_TEST_DATABASE_URL")
    programs = _programs()
    if given:
        yield given
    elif programs is None:
        pytest.skip("no PostgreSQL: install one or set LECTERN_TEST_DATABASE_URL")
    else:
        with _private_cluster(programs) as url:
            yield url


@contextmanager
def postgres_over_tls(certificate: Path, key: Path, address: str) -> Iterator[int]:
    """Give the port of a PostgreSQL server on `address` that has a certificate, or skip.

    Its user is `lectern`, who needs no password.
    """
    with socket.create_server((address, 0)) as free:
        port = int(free.getsockname()[1])
    with postgres_on(address, port, tls=(certificate, key)):
        yield port


@contextmanager
def postgres_on(address: str, port: int, *, tls: tuple[Path, Path] | None = None) -> Iterator[None]:
    """Have a PostgreSQL server of the user `lectern` on an address of loopback, or skip."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL: install one")
    with _private_cluster(programs, tls=tls, address=address, port=port):
        yield


@contextmanager
def new_database(server_url: str) -> Iterator[str]:
    """Give the URL of an empty database on the server and drop it in the end."""
    import psycopg
    from sqlalchemy import make_url

    url = make_url(server_url).set(drivername="postgresql")
    name = f"lectern_{uuid4().hex}"
    connection_string = url.render_as_string(hide_password=False)
    with psycopg.connect(connection_string, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _private_cluster(
    programs: Path, *, tls: tuple[Path, Path] | None = None, address: str = "", port: int = 5432
) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="lectern-pg-", dir="/tmp"))
    identity = _unprivileged()
    if identity:
        os.chown(folder, identity["user"], identity["group"])
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, "-D", data, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            **identity,
        )

    try:
        run("initdb", "-U", "lectern", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
        options = f"{_SETTINGS} -c unix_socket_directories='{folder}'"
        options += f" -c listen_addresses='{address}' -c port={port}"
        if tls:
            options += " -c ssl=on -c ssl_cert_file=server.crt -c ssl_key_file=server.key"
            for name, source in zip(("server.crt", "server.key"), tls, strict=True):
                shutil.copy(source, data / name)
                if identity:
                    os.chown(data / name, identity["user"], identity["group"])
        run("pg_ctl", "start", "-w", "-s", "-l", str(folder / "log"), "-o", options)
        try:
            yield f"postgresql://lectern@/postgres?host={folder}"
        finally:
            run("pg_ctl", "stop", "-w", "-s", "-m", "immediate")
    finally:
        shutil.rmtree(folder)


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_major_version)
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def _major_version(initdb: Path) -> int:
    return int(initdb.parts[-3])


def _unprivileged() -> dict[str, Any]:
    """Return who runs the server: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def settings_of(backend: str, request: pytest.FixtureRequest, home: Path) -> Iterator[Settings]:
    """Give settings with an empty database of one of `BACKENDS`."""
    if backend == "sqlite":
        yield Settings(home=home)
        return
    with new_database(request.getfixturevalue("postgres")) as url:
        yield Settings(home=home, database_url=SecretStr(url))
