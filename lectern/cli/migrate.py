"""`lectern migrate`: the catalog's tables, made or brought up to date."""

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def migrate(*, as_json: bool) -> None:
    """Bring the catalog's tables up to this version. Safe to repeat, and to run twice at once.

    A cluster runs this before an upgrade; `lectern up` does it by itself.
    """
    from lectern.catalog import migrate as bring_up_to_date
    from lectern.catalog.tables import SCHEMA_VERSION
    from lectern.cli.configuration import effective_settings
    from lectern.cli.output import print_json

    bring_up_to_date(effective_settings())
    if as_json:
        print_json({"schema": SCHEMA_VERSION})
    else:
        click.echo(f"the catalog is at schema {SCHEMA_VERSION}")
