"""`lectern collections set`: how a collection is read, embedded and answered from."""

from typing import TYPE_CHECKING, Any

import click

from lectern.cli.session import session, talks_to_lectern

if TYPE_CHECKING:
    from lectern.api import CollectionSettingsReply

_DEFAULT = "default"


@click.command("set")
@click.argument("collection")
@click.option("--description", help="What it is about.")
@click.option("--chunk-tokens", metavar="N", help="Largest chunk, in tokens.")
@click.option(
    "--parser",
    help="What reads its PDFs and pictures: builtin (fast), docling (a server "
    "of yours, about 1 page a second) or azure (billed for every page).",
)
@click.option(
    "--ocr-language", "ocr_languages", multiple=True, help="Of pictures, such as kor; repeatable."
)
@click.option(
    "--describe-figures",
    help="true or false: whether the vision model describes figures and tables.",
)
@click.option("--outer-tools", help="true or false: whether questions may use outside tools.")
@click.option("--embedder", help="Name or id of an embedding model; counts once embedded anew.")
@click.option("--language", help="Of answers: en, ko, ja, zh.")
@click.option("--answer-style", help="How answers are written, in place of Lectern's own words.")
@click.option("--prompt", help="Added to the rules of generated answers.")
@click.option("--reprocess", is_flag=True, help="Parse and embed all its documents anew, now.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def set_settings(
    collection: str,
    *,
    reprocess: bool,
    as_json: bool,
    embedder: str | None,
    server: str | None,
    token: str | None,
    **given: Any,
) -> None:
    """Change settings of a collection of yours and show them all.

    The value `default` sets one back. Without an option, nothing is changed.
    """
    from pydantic import ValidationError

    from lectern.api import CollectionSettingsChange
    from lectern.cli.output import print_json

    try:
        change = CollectionSettingsChange.model_validate(_changes(given))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        option = "--" + str(first["loc"][0]).replace("_", "-")
        raise click.UsageError(f"{option}: {first['msg']}") from error
    with session(server, token) as here:
        collections = here.lectern.collections
        settings = collections.settings(collection)
        if embedder is not None:
            change = change.model_validate(
                change.model_dump(exclude_unset=True) | {"embedder": _chosen(embedder, settings)}
            )
        if change.model_fields_set:
            settings = collections.change_settings(collection, change)
        begun = here.lectern.documents.reprocess_all(collection) if reprocess else 0
        here.settle()
    if as_json:
        print_json(settings.model_dump(mode="json") | {"reprocessed": begun})
    else:
        _show(settings, begun if reprocess else None)


def _chosen(embedder: str, settings: "CollectionSettingsReply") -> str | None:
    """Return the id of the embedder with this name or id, None for the default."""
    if embedder == _DEFAULT:
        return None
    choices = settings.choices.embedders
    for each in choices:
        if embedder in {each.embedder, each.name}:
            return each.embedder
    names = ", ".join(repr(each.name) for each in choices)
    raise click.UsageError(f"--embedder {embedder!r} is none of {names}")


def _changes(given: dict[str, Any]) -> dict[str, Any]:
    changes = {
        name: None if value in (_DEFAULT, (_DEFAULT,)) else value
        for name, value in given.items()
        if value not in (None, ())
    }
    if isinstance(tokens := changes.get("chunk_tokens"), str) and tokens.isdecimal():
        changes["chunk_tokens"] = int(tokens)
    return changes


def _show(settings: "CollectionSettingsReply", begun: int | None) -> None:
    from lectern.cli.output import printable

    shown = settings.model_dump(exclude={"choices", "warnings", "reembedding_needed"})
    for name, value in shown.items():
        text = ", ".join(value) if isinstance(value, list) else str(value or "")
        click.echo(printable(f"{name:14} {text or _DEFAULT}"))
    for warning in settings.warnings:
        click.echo(printable(warning.detail), err=True)
    if begun is not None:
        click.echo(f"documents that begin anew: {begun}", err=True)
