"""`lectern users`: for whoever operates the catalog's database, hence without a server.

A password is typed without echo, or is the first line of stdin when that is no terminal, or of a
file. It is never an argument, which every process of the machine could read.
"""

import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lectern.catalog.port import Catalog
    from lectern.catalog.records_accounts import Account

_ACTOR = "command line"
_PAGE = 500


@click.group()
def users() -> None:
    """List, create, disable or invite users, in the database that LECTERN_DATABASE_URL names."""


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_users(*, as_json: bool) -> None:
    """Show all users by name."""
    from lectern.cli.output import print_json, printable

    with _catalog() as catalog:
        found = list(_everybody(catalog))
    if as_json:
        print_json({"users": [_described(account) for account in found]})
        return
    for account in found:
        marks = [
            *(["administrator"] if account.user.is_admin else []),
            *(["disabled"] if account.disabled else []),
        ]
        mark = f"  ({', '.join(marks)})" if marks else ""
        click.echo(f"{account.user.user_id}  {printable(account.user.name)}{mark}")


@users.command()
@click.argument("name")
@click.option("--admin", is_flag=True, help="May see and do everything.")
@click.option("--email", default="", help="E-mail address.")
@click.option("--password", "with_password", is_flag=True, help="Ask for a password to sign in.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def create(name: str, *, admin: bool, email: str, with_password: bool, as_json: bool) -> None:
    """Create a user with a password, or with a token that is shown once."""
    from lectern.cli.output import print_json
    from lectern.passwords import hash_password

    password = _read_password(name) if with_password else ""
    with _catalog() as catalog:
        account = catalog.accounts.create(name, email=email, is_admin=admin)
        user = account.user
        secret = ""
        if password:
            catalog.accounts.set_password(user.user_id, hash_password(password))
        else:
            _, secret = catalog.people.create_token(user.user_id, "first token")
        _note(catalog, "user.created", account)
    if as_json:
        shown = {"token": secret} if secret else {}
        print_json({"user_id": user.user_id, "name": user.name} | shown)
    elif secret:
        click.echo(secret)
        click.echo("This token is shown once; the user sends it as LECTERN_TOKEN.", err=True)
    else:
        click.echo(user.user_id)


@users.command()
@click.argument("name")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File whose first line is the password.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def claim(name: str, password_file: Path | None, *, as_json: bool) -> None:
    """Make the first administrator while nobody can sign in; do nothing once somebody can."""
    from lectern.cli.output import print_json
    from lectern.passwords import hash_password

    with _catalog() as catalog:
        made = None
        if catalog.accounts.unclaimed():
            made = catalog.accounts.claim(name, hash_password(_read_password(name, password_file)))
        if made is not None:
            _note(catalog, "setup.done", made)
    if as_json:
        print_json({"claimed": made is not None} | (_described(made) if made else {}))
    elif made is None:
        click.echo("there is an administrator already; nothing was changed", err=True)
    else:
        click.echo(made.user.user_id)


@users.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def disable(name: str, *, as_json: bool) -> None:
    """End a user's sessions and stop their keys until they are enabled again."""
    with _catalog() as catalog:
        account = _named(catalog, name)
        catalog.accounts.change(account.user.user_id, disabled=True)
        _note(catalog, "user.disabled", account)
        _show(catalog, account, as_json=as_json)


@users.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def enable(name: str, *, as_json: bool) -> None:
    """Let a disabled user in again."""
    with _catalog() as catalog:
        account = _named(catalog, name)
        catalog.accounts.change(account.user.user_id, disabled=False)
        _note(catalog, "user.enabled", account)
        _show(catalog, account, as_json=as_json)


@users.command("reset-password")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def reset_password(name: str, *, as_json: bool) -> None:
    """Set a user's password and end all their sessions."""
    from lectern.passwords import hash_password

    with _catalog() as catalog:
        account = _named(catalog, name)
        password = _read_password(account.user.name)
        catalog.accounts.set_password(account.user.user_id, hash_password(password))
        _note(catalog, "password.reset", account)
        _show(catalog, account, as_json=as_json)


@users.command()
@click.option("--email", default="", help="E-mail address of whoever is invited.")
@click.option("--admin", is_flag=True, help="May see and do everything.")
@click.option(
    "--days", default=7, show_default=True, type=click.IntRange(1, 30), help="Days it is valid."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def invite(*, email: str, admin: bool, days: int, as_json: bool) -> None:
    """Show a secret, once, with which somebody can make one account for themselves."""
    from lectern.cli.output import print_json

    with _catalog() as catalog:
        inviter = next((each for each in _everybody(catalog) if _may_invite(each)), None)
        if inviter is None:
            raise click.ClickException(
                "an invitation comes from an administrator, and there is none; "
                "create one with `lectern users create NAME --admin --password`"
            )
        invitation, secret = catalog.invitations.create(
            inviter.user.user_id,
            email=email,
            is_admin=admin,
            expires_at=datetime.now(UTC) + timedelta(days=days),
        )
        catalog.audit.record("", _ACTOR, "invitation.created", subject=invitation.invitation_id)
    if as_json:
        expires_at = invitation.expires_at.isoformat()
        print_json({"secret": secret, "expires_at": expires_at, "email": invitation.email})
        return
    click.echo(secret)
    click.echo("This secret is shown once and works once.", err=True)


def _may_invite(account: "Account") -> bool:
    return account.user.is_admin and not account.disabled


def _everybody(catalog: "Catalog") -> "Iterator[Account]":
    cursor = ""
    while True:
        page, cursor = catalog.accounts.list(limit=_PAGE, cursor=cursor)
        yield from page
        if not cursor:
            return


def _named(catalog: "Catalog", name: str) -> "Account":
    account = catalog.accounts.by_name(name) or catalog.accounts.get(name)
    if account is None:
        raise click.ClickException(f"there is no user {name!r}; see `lectern users list`")
    return account


def _show(catalog: "Catalog", account: "Account", *, as_json: bool) -> None:
    """Print, where JSON is asked for, what a user is like after a change."""
    from lectern.cli.output import print_json

    if as_json:
        print_json(_described(catalog.accounts.get(account.user.user_id) or account))


def _described(account: "Account") -> dict[str, object]:
    return {
        "user_id": account.user.user_id,
        "name": account.user.name,
        "is_admin": account.user.is_admin,
        "email": account.email,
        "disabled": account.disabled,
        "has_password": account.has_password,
    }


def _note(catalog: "Catalog", action: str, account: "Account") -> None:
    catalog.audit.record("", _ACTOR, action, subject=account.user.user_id)


def _read_password(name: str, file: Path | None = None) -> str:
    from lectern.passwords import require_good

    if file is not None:
        password = file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    elif sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    require_good(password, name=name)
    return str(password)


@contextmanager
def _catalog() -> "Iterator[Catalog]":
    from lectern.catalog import migrate, open_catalog
    from lectern.cli.configuration import effective_settings
    from lectern.local.home import Home

    settings = effective_settings()
    Home(settings.home).create()
    migrate(settings)
    yield open_catalog(settings)
