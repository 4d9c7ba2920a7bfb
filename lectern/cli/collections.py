"""`lectern collections`."""

from typing import TYPE_CHECKING

import click

from lectern.cli.collection_settings import set_settings
from lectern.cli.session import session, talks_to_lectern

if TYPE_CHECKING:
    from lectern.api import GrantReply, PersonReply
    from lectern.client import Lectern

_ROLES = click.Choice(["viewer", "editor", "none"])


@click.group()
def collections() -> None:
    """List, create, share, set up or delete collections."""


collections.add_command(set_settings)


@collections.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def list_collections(*, as_json: bool, server: str | None, token: str | None) -> None:
    """Show the collections you may read, by name."""
    from lectern.cli.output import print_json, printable

    with session(server, token) as here:
        found = here.lectern.collections.list()
    if as_json:
        print_json({"collections": [each.model_dump(mode="json") for each in found]})
        return
    for each in found:
        click.echo(printable(f"{each.collection_id}  {each.role:6}  {each.slug}  {each.name}"))


@collections.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def create(name: str, *, as_json: bool, server: str | None, token: str | None) -> None:
    """Create a collection of yours."""
    from lectern.cli.output import print_json, printable

    with session(server, token) as here:
        made = here.lectern.collections.create(name)
    if as_json:
        print_json(made.model_dump(mode="json"))
    else:
        click.echo(printable(made.slug))


@collections.command()
@click.argument("collection")
@click.option("--with", "who", metavar="NAME", help="A user or a group, by its whole name.")
@click.option("--everyone", is_flag=True, help="Everyone who can sign in.")
@click.option("--role", type=_ROLES, default="viewer", show_default=True, help="none: no longer.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def share(
    collection: str,
    *,
    who: str | None,
    everyone: bool,
    role: str,
    as_json: bool,
    server: str | None,
    token: str | None,
) -> None:
    """Give a user, a group or everyone a role in a collection of yours; show who has which."""
    from lectern.cli.output import print_json, printable

    if bool(who) == everyone:
        raise click.UsageError("name somebody: either --with NAME or --everyone")
    with session(server, token) as here:
        grants = _shared(here.lectern, collection, who, role)
    if as_json:
        print_json({"grants": [each.model_dump(mode="json") for each in grants]})
        return
    for each in grants:
        click.echo(printable(f"{each.role:6}  {each.kind:8}  {each.name}"))


@collections.command()
@click.argument("collection")
@click.option("--force", is_flag=True, help="Its documents, too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def delete(
    collection: str, *, force: bool, as_json: bool, server: str | None, token: str | None
) -> None:
    """Delete an empty collection, or with --force all it holds as well."""
    from lectern.cli.output import print_json

    with session(server, token) as here:
        here.lectern.collections.delete(collection, force=force)
    if as_json:
        print_json({"deleted": collection})
    else:
        click.echo("deleted", err=True)


def _shared(lectern: "Lectern", collection: str, who: str | None, role: str) -> "list[GrantReply]":
    from lectern.api import GrantRequest

    kind, grantee_id = "everyone", ""
    if who is not None:
        person = _named(lectern, who)
        kind, grantee_id = person.kind, person.id
    wanted = [
        GrantRequest(kind=each.kind, id=each.id, role=each.role)
        for each in lectern.collections.grants(collection)
        if (each.kind, each.id) != (kind, grantee_id)
    ]
    if role != "none":
        wanted.append(GrantRequest.model_validate({"kind": kind, "id": grantee_id, "role": role}))
    return list(lectern.collections.share(collection, wanted))


def _named(lectern: "Lectern", name: str) -> "PersonReply":
    near = lectern.collections.people(name, limit=50)
    found = [each for each in near if each.account == name]
    found = found or [each for each in near if each.name == name]
    if len(found) != 1:
        raise click.UsageError(
            f"{len(found)} users or groups are called {name!r}; `lectern users list` shows them"
        )
    return found[0]
