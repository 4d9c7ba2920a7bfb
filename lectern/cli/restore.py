"""`lectern restore`: works on the stores that the settings name; see `lectern.cli.backup`."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS = {
    "embedded_again": "documents will be embedded again",
    "parsed_again": "documents will be parsed again",
    "newer_files": "files that are newer than the backup will be taken in",
    "file_gone": "documents have lost their file since and are marked failed",
    "rows_removed": "documents of the index that nobody knows were removed from it",
}


@click.command()
@click.argument("name", default="")
@click.option(
    "--from", "source", default="", metavar="STORE", help="Restore from this copy: folder, s3://…"
)
@click.option("--force", is_flag=True, help="Replace everything that is in this installation.")
@click.option(
    "--ignore-newer", is_flag=True, help="Leave files alone that the backup does not know."
)
@click.option(
    "--reconcile",
    "only_reconcile",
    is_flag=True,
    help="Restore nothing; bring catalog, files and index together.",
)
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Wait this long for the database and the store to answer.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def restore(
    *,
    name: str,
    source: str,
    force: bool,
    ignore_newer: bool,
    only_reconcile: bool,
    wait_s: float,
    as_json: bool,
) -> None:
    """Restore this installation from the backup NAME, by default from the newest one.

    Stop everything that runs on it first. It has to be empty, or --force replaces what it holds.
    Documents that were under way when the backup was made go on when Lectern runs again.
    """
    from lectern.backup.restoring import reconcile
    from lectern.backup.restoring import restore as restore_backup
    from lectern.cli.configuration import effective_settings
    from lectern.cli.output import print_json
    from lectern.local.home import Home

    if only_reconcile and (name or source or force):
        raise click.UsageError("--reconcile restores nothing: leave out NAME, --from and --force")
    settings = effective_settings()
    if wait_s:
        from functools import partial

        from lectern.backup.waiting import wait_until_reachable

        wait_until_reachable(settings, wait_s, partial(click.echo, err=True))
    with Home(settings.home).lock():
        if only_reconcile:
            found = reconcile(settings, take_in_newer=not ignore_newer)
            restored = ""
        else:
            report = restore_backup(
                settings, name, source=source, force=force, take_in_newer=not ignore_newer
            )
            found, restored = report.reconciled, report.manifest.name
    if as_json:
        print_json({"restored": restored, "reconciled": dict(found)})
    else:
        _show(restored, found)


def _show(restored: str, found: "Mapping[str, int]") -> None:
    if restored:
        click.echo(f"restored: {restored}")
    for name, words in _WORDS.items():
        if found.get(name):
            click.echo(f"  {found[name]} {words}")
    click.echo("Start Lectern now; its sweeper does what is left to do.", err=True)
