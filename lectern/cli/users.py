"""`lectern users`: for whoever operates the catalog's database, hence without a server."""

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lectern.catalog.port import People


@click.group()
def users() -> None:
    """List or create users, in the database that LECTERN_DATABASE_URL names."""


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_users(*, as_json: bool) -> None:
    """Show all users by name."""
    from lectern.cli.output import print_json, printable

    with _people() as people:
        found = [
            {"user_id": user.user_id, "name": user.name, "is_admin": user.is_admin}
            for user in people.users()
        ]
    if as_json:
        print_json({"users": found})
        return
    for user in found:
        mark = "  (administrator)" if user["is_admin"] else ""
        click.echo(f"{user['user_id']}  {printable(str(user['name']))}{mark}")


@users.command()
@click.argument("name")
@click.option("--admin", is_flag=True, help="May see and do everything.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def create(name: str, *, admin: bool, as_json: bool) -> None:
    """Create a user and show a token for it, once."""
    from lectern.cli.output import print_json

    with _people() as people:
        user = people.create_user(name, is_admin=admin)
        _, secret = people.create_token(user.user_id, "first token")
    if as_json:
        print_json({"user_id": user.user_id, "name": user.name, "token": secret})
        return
    click.echo(secret)
    click.echo("This token is shown once; the user sends it as LECTERN_TOKEN.", err=True)


@contextmanager
def _people() -> "Iterator[People]":
    from lectern.catalog import migrate, open_catalog
    from lectern.cli.configuration import effective_settings
    from lectern.local.home import Home

    settings = effective_settings()
    Home(settings.home).create()
    migrate(settings)
    yield open_catalog(settings).people
