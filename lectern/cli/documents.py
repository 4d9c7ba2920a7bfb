"""`lectern documents` and `lectern reembed`."""

from typing import TYPE_CHECKING

import click

from lectern.cli.session import session, talks_to_lectern

if TYPE_CHECKING:
    from lectern.api import DocumentReply
    from lectern.documents import DocumentSort

SORT_KEYS = ("name", "created", "updated", "size", "pages", "state")


@click.group()
def documents() -> None:
    """List, show, delete or reprocess documents."""


@documents.command("list")
@click.option("--collection", help="Only this collection (id or slug).")
@click.option(
    "--sort",
    type=click.Choice([*SORT_KEYS, *(f"-{key}" for key in SORT_KEYS)]),
    metavar="[-]KEY",
    default="-created",
    show_default=True,
    help="name, created, updated, size, pages or state, within each collection; with '-' the "
    "latest or largest first.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def list_documents(
    *,
    collection: str | None,
    sort: "DocumentSort",
    as_json: bool,
    server: str | None,
    token: str | None,
) -> None:
    """Show documents, newest first unless sorted otherwise."""
    from lectern.api import DocumentQuery
    from lectern.cli.output import print_json

    with session(server, token) as here:
        catalog = here.lectern.collections
        collections = [catalog.get(collection)] if collection else catalog.list()
        found = [
            (each.slug, document)
            for each in collections
            for document in here.lectern.documents.all(each.collection_id, DocumentQuery(sort=sort))
        ]
    if as_json:
        print_json({"documents": [document.model_dump(mode="json") for _, document in found]})
        return
    for slug, document in found:
        click.echo(_line(slug, document))


@documents.command()
@click.argument("document_id")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def show(document_id: str, *, as_json: bool, server: str | None, token: str | None) -> None:
    """Show one document and what happened to it."""
    from lectern.cli.output import print_json, printable

    with session(server, token) as here:
        document = here.lectern.documents.get(document_id)
    if as_json:
        print_json(document.model_dump(mode="json"))
        return
    click.echo(_line("", document))
    click.echo(
        f"{document.pages} pages, {document.chunks} chunks, {document.size_bytes} bytes, "
        f"revision {document.revision}, tags: {printable(', '.join(document.tags)) or 'none'}"
    )
    for entry in document.timeline or ():
        click.echo(printable(f"  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.stage}  {entry.detail}"))


@documents.command()
@click.argument("document_ids", nargs=-1, required=True, metavar="DOCUMENT…")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def delete(
    document_ids: tuple[str, ...], *, as_json: bool, server: str | None, token: str | None
) -> None:
    """Delete documents and everything made of them, at once and for good."""
    from lectern.cli.output import print_json

    with session(server, token) as here:
        for document_id in document_ids:
            here.lectern.documents.delete(document_id, final=True)
        here.settle()
    if as_json:
        print_json({"deleted": list(document_ids)})
    else:
        click.echo(f"deleted {len(document_ids)}", err=True)


@documents.command()
@click.argument("document_ids", nargs=-1, required=True, metavar="DOCUMENT…")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def reprocess(
    document_ids: tuple[str, ...], *, as_json: bool, server: str | None, token: str | None
) -> None:
    """Parse and embed documents anew."""
    from lectern.cli.output import print_json

    with session(server, token) as here:
        found = [here.lectern.documents.reprocess(document_id) for document_id in document_ids]
        here.settle()
    if as_json:
        print_json({"documents": [document.model_dump(mode="json") for document in found]})
        return
    for document in found:
        click.echo(_line("", document))


@click.command()
@click.option("--collection", required=True, help="The collection (id or slug).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def reembed(collection: str, *, as_json: bool, server: str | None, token: str | None) -> None:
    """Embed a collection anew with the embedder it is set to."""
    from lectern.cli.output import print_json

    with session(server, token) as here:
        here.lectern.collections.reembed(collection)
        here.settle()
    if as_json:
        print_json({"collection": collection})
    else:
        click.echo("embedding began; `lectern status` shows how far it is", err=True)


def _line(slug: str, document: "DocumentReply") -> str:
    from lectern.cli.output import printable

    place = f"{slug}/" if slug else ""
    line = f"{document.document_id}  {document.state.value:9}  {place}{document.name}"
    if document.failure:
        line += f"\n    {document.failure.stage}: {document.failure.detail}"
    return printable(line)
