"""`lectern migrate`: the catalog's tables, made, brought up to date, or taken back."""

import click


@click.command()
@click.option("--to", "target", metavar="VERSION", help="Go up or back to this schema version.")
@click.option("--accept-loss", is_flag=True, help="With --to: drop what it cannot hold.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def migrate(*, target: str | None, accept_loss: bool, as_json: bool) -> None:
    """Bring the catalog's tables up to this version. Safe to repeat, and to run twice at once.

    A cluster runs this before an upgrade; `lectern up` does it by itself. Before going back to an
    older Lectern, `--to` its schema version, with everything stopped that runs on the catalog.
    """
    from lectern.catalog import migrate as bring_up_to_date
    from lectern.catalog.tables import SCHEMA_VERSION
    from lectern.cli.configuration import effective_settings
    from lectern.cli.output import print_json

    if accept_loss and target is None:
        raise click.UsageError("--accept-loss belongs to --to VERSION")
    settings = effective_settings()
    if target is None:
        bring_up_to_date(settings)
    else:
        from lectern.catalog.migrating import move

        move(settings.resolved_database_url(), target=target, accept_loss=accept_loss)
    version = target or SCHEMA_VERSION
    if as_json:
        print_json({"schema": version})
    else:
        click.echo(f"the catalog is at schema {version}")
