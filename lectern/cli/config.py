"""`lectern config` and `lectern version`."""

import os
from typing import Any

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def config(*, as_json: bool) -> None:
    """Show the effective settings, secrets masked, and where each comes from."""
    from pydantic import SecretStr

    from lectern.cli.configuration import effective_settings
    from lectern.cli.output import print_json, printable

    settings = effective_settings()
    rows: dict[str, dict[str, Any]] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        secret = isinstance(value, SecretStr)
        shown = ("set, not shown" if value.get_secret_value() else "") if secret else value
        if not isinstance(shown, int | float | bool):
            shown = str(shown)
        rows[name] = {"value": shown, "from": _origin(name)}
    if as_json:
        print_json(rows)
        return
    width = max(map(len, rows))
    for name, row in rows.items():
        click.echo(f"{name:{width}}  {printable(str(row['value']))}  ({row['from']})")


def _origin(name: str) -> str:
    """Return the environment variable that a setting comes from, or "default"."""
    from pydantic import AliasChoices

    from lectern.settings import Settings

    alias = Settings.model_fields[name].validation_alias
    names = (
        [str(choice) for choice in alias.choices]
        if isinstance(alias, AliasChoices)
        else [f"LECTERN_{name.upper()}"]
    )
    present = {key.upper(): key for key in os.environ}
    return next((present[n.upper()] for n in names if n.upper() in present), "default")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def version(*, as_json: bool) -> None:
    """Show the version."""
    from lectern import __version__
    from lectern.cli.output import print_json

    if as_json:
        print_json({"version": __version__})
    else:
        click.echo(__version__)
