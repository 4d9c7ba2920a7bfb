"""`lectern dead-letters`."""

import click

from lectern.cli.session import session, talks_to_lectern


@click.group("dead-letters")
def dead_letters() -> None:
    """List or replay events that could not be delivered."""


@dead_letters.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def list_letters(*, as_json: bool, server: str | None, token: str | None) -> None:
    """Show the dead letters, newest first."""
    from lectern.cli.output import print_json, printable

    with session(server, token) as here:
        letters = here.lectern.dead_letters.list()
    if as_json:
        print_json({"dead_letters": [letter.model_dump(mode="json") for letter in letters]})
        return
    for letter in letters:
        click.echo(
            printable(
                f"{letter.letter_id}  {letter.stored_at:%Y-%m-%d %H:%M}  {letter.event_type}  "
                f"{letter.subject}\n    {letter.error_code} {letter.error_detail}"
            )
        )
    if not letters:
        click.echo("no dead letters", err=True)


@dead_letters.command()
@click.argument("letter_ids", nargs=-1, metavar="LETTER…")
@click.option("--all", "everything", is_flag=True, help="Replay every dead letter.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def replay(
    letter_ids: tuple[str, ...],
    *,
    everything: bool,
    as_json: bool,
    server: str | None,
    token: str | None,
) -> None:
    """Publish dead letters once more."""
    from lectern.cli.output import print_json

    if bool(letter_ids) == everything:
        raise click.UsageError("name the letters to replay, or use --all")
    with session(server, token) as here:
        chosen = letter_ids or tuple(item.letter_id for item in here.lectern.dead_letters.list())
        for letter_id in chosen:
            here.lectern.dead_letters.replay(letter_id)
        here.settle()
    if as_json:
        print_json({"replayed": list(chosen)})
    else:
        click.echo(f"replayed {len(chosen)}", err=True)
