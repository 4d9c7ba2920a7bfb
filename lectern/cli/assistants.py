"""`lectern assistants`."""

from typing import TYPE_CHECKING

import click

from lectern.cli.ask import REASONING
from lectern.cli.session import session, talks_to_lectern

if TYPE_CHECKING:
    from lectern.api import AssistantReply
    from lectern.client import Lectern


@click.group()
def assistants() -> None:
    """Assistants, which keep where and how to ask: list, create or delete them."""


@assistants.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def list_assistants(*, as_json: bool, server: str | None, token: str | None) -> None:
    """Show your assistants and those shared with everybody; ask one with --assistant."""
    from lectern.cli.output import print_json, printable

    with session(server, token) as here:
        found = here.lectern.assistants.list()
    if as_json:
        print_json({"assistants": [each.model_dump(mode="json") for each in found]})
        return
    for each in found:
        shared = "  (shared)" if each.shared else ""
        click.echo(printable(f"{each.slug:40}  {each.name}{shared}"))


@assistants.command()
@click.argument("name")
@click.option("--description", default="", help="What it is for.")
@click.option("--collection", "collections", multiple=True, help="Asks here only; repeatable.")
@click.option("--reasoning", type=click.Choice(REASONING), help="How passages are gathered.")
@click.option("--style", default="", help="How answers are written, in your words.")
@click.option("--shared", is_flag=True, help="Everybody may ask it, each with their own rights.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def create(
    name: str,
    *,
    description: str,
    collections: tuple[str, ...],
    reasoning: str | None,
    style: str,
    shared: bool,
    as_json: bool,
    server: str | None,
    token: str | None,
) -> None:
    """Save an assistant, and show the address it is asked by."""
    from lectern.api import AssistantRequest
    from lectern.cli.output import print_json
    from lectern.cli.validating import valid

    request = valid(
        AssistantRequest,
        name=name,
        description=description,
        shared=shared,
        collections=list(collections),
        manner={"reasoning": reasoning, "answer_style": style},
    )
    with session(server, token) as here:
        made = here.lectern.assistants.create(request)
    if as_json:
        print_json(made.model_dump(mode="json"))
        return
    click.echo(made.slug)


@assistants.command()
@click.argument("assistant")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def delete(assistant: str, *, as_json: bool, server: str | None, token: str | None) -> None:
    """Remove an assistant, named by its address or its name."""
    from lectern.cli.output import print_json

    with session(server, token) as here:
        found = _named(here.lectern, assistant)
        here.lectern.assistants.delete(found.assistant_id)
    if as_json:
        print_json({"deleted": found.assistant_id})


def _named(lectern: "Lectern", assistant: str) -> "AssistantReply":
    from lectern.errors import InvalidRequest, NotFound

    all_seen = lectern.assistants.list()
    found = [each for each in all_seen if assistant in {each.slug, each.assistant_id}]
    found = found or [each for each in all_seen if each.own and each.name == assistant]
    if not found:
        raise NotFound(f"there is no assistant {assistant!r}; `lectern assistants list` shows them")
    if len(found) > 1:
        slugs = ", ".join(each.slug for each in found)
        raise InvalidRequest(f"{assistant!r} is the name of several assistants; name one: {slugs}")
    return found[0]
