"""`lectern search` and `lectern ask`."""

from typing import TYPE_CHECKING, Any

import click

from lectern.cli.session import session, talks_to_lectern
from lectern.cli.validating import valid

if TYPE_CHECKING:
    from rich.console import Console

    from lectern.api import AnswerReply, AnswerRequest, Citation
    from lectern.client import Lectern

_MODES = ("hybrid", "vector", "text", "graph")
REASONING = ("simple", "decompose", "react", "rewoo")
"""The modes in which passages are gathered."""

_QUOTE_MAX = 400


@click.command()
@click.argument("question")
@click.option("--collection", "collections", multiple=True, help="Search here only; repeatable.")
@click.option("--mode", type=click.Choice(_MODES), default="hybrid", show_default=True)
@click.option("-k", "--top-k", type=click.IntRange(1, 100), default=8, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def search(
    question: str,
    *,
    collections: tuple[str, ...],
    mode: str,
    top_k: int,
    as_json: bool,
    server: str | None,
    token: str | None,
) -> None:
    """Show the passages that fit a question best."""
    from lectern.api import SearchRequest
    from lectern.cli.output import indented, paper, print_json, printable, sidelines

    request = valid(
        SearchRequest, query=question, collections=list(collections), mode=mode, top_k=top_k
    )
    with session(server, token) as here:
        reply = here.lectern.search(request)
    if as_json:
        print_json(reply.model_dump(mode="json"))
        return
    console = paper()
    for number, passage in enumerate(reply.passages, 1):
        console.print(
            printable(
                f"{number}. {passage.document_name}, page {passage.page_number}"
                f"  ({passage.relevance:.2f})"
            )
        )
        indented(console, _shortened(passage.text), spaces=3)
    remarks = sidelines()
    for warning in reply.warnings:
        remarks.print(printable(warning.detail))
    if not reply.passages and not reply.warnings:
        remarks.print("nothing was found")


@click.command()
@click.argument("question")
@click.option("--collection", "collections", multiple=True, help="Ask here only; repeatable.")
@click.option("--conversation", default="", help="Ask in this conversation; 'new' begins one.")
@click.option("--continue", "goes_on", is_flag=True, help="Ask in your latest conversation.")
@click.option(
    "--reasoning",
    type=click.Choice(REASONING),
    help="How passages are gathered; all but simple need a chat model.",
)
@click.option("--assistant", help="Ask as this assistant does; see `lectern assistants list`.")
@click.option("--tool", "outer_tools", multiple=True, help="Outside Lectern; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def ask(
    question: str,
    *,
    collections: tuple[str, ...],
    reasoning: str | None,
    assistant: str | None,
    outer_tools: tuple[str, ...],
    conversation: str,
    goes_on: bool,
    as_json: bool,
    server: str | None,
    token: str | None,
) -> None:
    """Answer a question from your documents, with citations.

    Nothing is stored unless it is asked in a conversation, where a question may lean on the ones
    before it.
    """
    from lectern.api import AnswerRequest
    from lectern.cli.output import print_json

    if conversation and goes_on:
        raise click.UsageError("give --conversation or --continue, not both")
    request = valid(
        AnswerRequest,
        question=question,
        collections=list(collections),
        conversation_id=conversation,
        reasoning=reasoning,
        assistant=assistant,
        outer_tools=list(outer_tools),
    )
    with session(server, token) as here:
        if goes_on:
            latest = _latest_conversation(here.lectern)
            request = request.model_copy(update={"conversation_id": latest})
        if as_json:
            print_json(here.lectern.answer_once(request).model_dump(mode="json"))
            return
        reply = _streamed(here.lectern, request)
    _show_citations(reply)


def _latest_conversation(lectern: "Lectern") -> str:
    """Return the id of the conversation that got the last message, or `"new"` if there is none."""
    from lectern.api import NEW_CONVERSATION

    latest = None
    for conversation in lectern.conversations.all():
        if latest is None or conversation.updated_at > latest.updated_at:
            latest = conversation
        if not conversation.pinned:  # the pinned ones come first, the others latest first
            break
    return latest.conversation_id if latest else NEW_CONVERSATION


def _streamed(lectern: "Lectern", request: "AnswerRequest") -> "AnswerReply":
    """Print the answer as it comes, and an agent's steps beside it; return it whole."""
    from lectern.api import AnswerReply
    from lectern.cli.output import printable, sidelines
    from lectern.client.connection import error_of_problem
    from lectern.errors import TransientError

    remarks = sidelines()
    for event in lectern.answer(request):
        if event.event == "status" and "work" in event.data:
            remarks.print(printable(_step(event.data["work"])))
        elif event.event == "token":
            click.echo(printable(str(event.data.get("text", ""))), nl=False)
        elif event.event == "error":
            click.echo()
            raise error_of_problem(event.data)
        elif event.event == "done":
            click.echo()
            return AnswerReply.model_validate(event.data)
    raise TransientError("the answer was cut off; ask again", code="stream_broken")


def _step(work: dict[str, Any]) -> str:
    if work["state"] == "begun":
        return f"{work['number']}. {work['kind']}: {work['label']}"
    found = "" if work["found"] is None else f"{work['found']} passages"
    return f"{work['number']}.   {work['state']} {work['result'] or found}".rstrip()


def _show_citations(reply: "AnswerReply") -> None:
    from lectern.cli.output import paper, printable, sidelines

    console, remarks = paper(), sidelines()
    shown: set[int] = set()
    for citation in reply.citations:
        if citation.number not in shown:
            shown.add(citation.number)
            _show_citation(console, citation)
    if reply.message_id:
        remarks.print(f"\nStored in conversation {reply.conversation_id}.")
    if reply.kind == "extractive" and reply.found:
        remarks.print("\nQuoted from the documents; no language model is configured.")
    for warning in reply.warnings:
        remarks.print(printable(warning.detail))


def _show_citation(console: "Console", citation: "Citation") -> None:
    from lectern.cli.output import indented, printable

    doubt = "" if citation.supported else "  (could not be verified)"
    place = f"{citation.document_name}, page {citation.page_number}"
    console.print(printable(f"\n[{citation.number}] {place}{doubt}"))
    indented(console, f"“{_shortened(citation.quote)}”", spaces=4)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _QUOTE_MAX else text[: _QUOTE_MAX - 1] + "…"
