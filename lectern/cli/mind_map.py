"""`lectern mind-map`."""

import click

from lectern.cli.session import session, talks_to_lectern


@click.command("mind-map")
@click.argument("document_id", metavar="DOCUMENT")
@click.option(
    "--format",
    "form",
    type=click.Choice(("markdown", "svg")),
    default="markdown",
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def mind_map(
    document_id: str, *, form: str, as_json: bool, server: str | None, token: str | None
) -> None:
    """Show a document as a tree of what it says, each branch with its pages.

    A chat model draws it when there is one; otherwise it is made of headings and subjects.
    """
    from lectern.api import MindMapRequest
    from lectern.cli.output import print_json, printable, sidelines
    from lectern.mind_maps import as_markdown, as_svg

    with session(server, token) as here:
        reply = here.lectern.mind_map(MindMapRequest(document_id=document_id))
    if as_json:
        print_json(reply.model_dump(mode="json"))
        return
    drawn = as_svg(reply.root) if form == "svg" else as_markdown(reply.root)
    click.echo(printable(drawn), nl=False)
    for warning in reply.warnings:
        sidelines().print(printable(warning.detail))
