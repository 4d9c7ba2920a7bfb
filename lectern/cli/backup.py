"""`lectern backup`: works on the stores that the settings name, whether or not a server runs.

Not through the API like other commands: a backup has to be possible as a Job of a cluster, beside
a server that is in trouble, and without anybody's token.
"""

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from lectern.backup.manifest import Manifest

_FROM = click.option(
    "--from", "source", default="", metavar="STORE", help="Look into this copy instead."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group(invoke_without_command=True)
@click.option(
    "--to", "target", default="", metavar="STORE", help="Copy everything: a folder or s3://…"
)
@click.option("--keep", is_flag=True, help="Never remove this backup by its age.")
@click.option(
    "--adopt",
    is_flag=True,
    help="With --to: go on with the copy this installation was restored from; its former "
    "installation is refused from then on.",
)
@click.option("--verify", metavar="NAME", help="Check a backup instead of making one.")
@click.option("--read-data", is_flag=True, help="With --verify: read every document's file too.")
@_FROM
@_JSON
@click.pass_context
def backup(
    context: click.Context,
    *,
    target: str,
    keep: bool,
    adopt: bool,
    verify: str | None,
    read_data: bool,
    source: str,
    as_json: bool,
) -> None:
    """Back up this installation, list or verify its backups.

    The catalog goes into the installation's own store, where the documents are already. With --to
    all objects are copied to another store too, only what is new there.
    """
    if context.invoked_subcommand is not None:
        return
    if verify is None and (read_data or source):
        raise click.UsageError("--read-data and --from belong to --verify NAME")
    if verify is not None and (target or keep):
        raise click.UsageError("--to and --keep make a backup, --verify does not")
    if adopt and not target:
        raise click.UsageError("--adopt belongs to --to STORE")
    if verify is not None:
        _verify(verify, source, read_data=read_data, as_json=as_json)
    elif target:
        _copy(target, keep=keep, adopt=adopt, as_json=as_json)
    else:
        _make(keep=keep, as_json=as_json)


@backup.command("list")
@_FROM
@_JSON
def list_backups(*, source: str, as_json: bool) -> None:
    """Show the backups, oldest first."""
    from lectern.backup.shelf import Shelf
    from lectern.cli.configuration import effective_settings
    from lectern.cli.output import print_json
    from lectern.errors import PermanentError
    from lectern.objects import object_store

    settings = effective_settings()
    shelf = Shelf(object_store(settings.of_copy(source) if source else settings))
    rows: list[dict[str, Any]] = []
    for name in shelf.names():
        try:
            rows.append(_described(shelf.open(name)) | {"problem": ""})
        except PermanentError as error:
            rows.append({"name": name, "problem": error.detail})
    if as_json:
        print_json({"backups": rows})
        return
    for row in rows:
        click.echo(f"{row['name']}  {row['problem'] or _in_words(row)}")
    if not rows:
        click.echo("no backups", err=True)


def _make(*, keep: bool, as_json: bool) -> None:
    from lectern.backup.making import backups
    from lectern.cli.configuration import effective_settings

    _show("backed up", _described(backups(effective_settings()).make(keep=keep)), as_json=as_json)


def _copy(target: str, *, keep: bool, adopt: bool, as_json: bool) -> None:
    from lectern.backup.disaster import copy_to
    from lectern.cli.configuration import effective_settings

    report = copy_to(target, effective_settings(), keep=keep, adopt=adopt)
    copied = report.copied
    row = _described(report.manifest) | {
        "objects": copied.objects,
        "new_objects": copied.new_objects,
        "new_bytes": copied.new_bytes,
    }
    _show("copied", row, as_json=as_json)


def _verify(name: str, source: str, *, read_data: bool, as_json: bool) -> None:
    from functools import partial

    from lectern.backup.shelf import Shelf
    from lectern.backup.verifying import verify
    from lectern.cli.configuration import effective_settings
    from lectern.index import collection_index
    from lectern.objects import object_store

    settings = effective_settings()
    settings = settings.of_copy(source) if source else settings
    found = verify(
        Shelf(object_store(settings)),
        "" if name == "newest" else name,
        index_of=partial(collection_index, settings),
        read_data=read_data,
    )
    row = _described(found.manifest) | {
        "objects": found.objects,
        "indexes": found.indexes,
        "files_gone": found.files_gone,
    }
    _show("sound", row, as_json=as_json)


def _described(manifest: "Manifest") -> dict[str, Any]:
    return {
        "name": manifest.name,
        "created_at": manifest.created_at.isoformat(),
        "schema_version": manifest.schema_version,
        "lectern": manifest.lectern,
        "documents": manifest.count("documents"),
        "rows": manifest.rows,
        "size_bytes": manifest.size_bytes,
        "copy": manifest.objects is not None,
        "keep": manifest.keep,
    }


def _show(verb: str, row: dict[str, Any], *, as_json: bool) -> None:
    from lectern.cli.output import print_json

    if as_json:
        print_json(row)
        return
    click.echo(f"{verb}: {row['name']}  {_in_words(row)}")
    if "new_objects" in row:
        click.echo(f"  {row['new_objects']} of {row['objects']} objects were new")
    if row.get("files_gone"):
        click.echo(
            f"  the files of {row['files_gone']} documents are gone since; "
            "restoring from here would not bring them back"
        )


def _in_words(row: dict[str, Any]) -> str:
    kept = ", kept" if row["keep"] else ""
    return (
        f"{row['documents']} documents, {row['rows']} rows, {row['size_bytes']:,} bytes, "
        f"schema {row['schema_version']}{kept}"
    )
