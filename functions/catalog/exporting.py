"""A conversation as Markdown: questions, answers, and the numbered sources of each."""

from collections.abc import Iterator, Sequence

from lectern.api import Citation, MessageReply

_ENDINGS = {
    "stopped": "(This answer was stopped.)",
    "failed": "(This answer broke off.)",
}
_WITHHELD = "(a document that you can no longer read)"


def markdown_of(title: str, messages: Sequence[MessageReply]) -> str:
    """Return a branch of a conversation as a Markdown document that ends with a line break."""
    lines = [f"# {_on_one_line(title or 'Conversation')}"]
    for message in messages:
        lines.extend(_question(message) if message.role == "question" else _answer(message))
    return "\n".join(lines) + "\n"


def _question(message: MessageReply) -> Iterator[str]:
    yield ""
    yield f"## {_on_one_line(message.text)}"


def _answer(message: MessageReply) -> Iterator[str]:
    if message.text:
        yield ""
        yield message.text
    if ending := _ENDINGS.get(message.state):
        yield ""
        yield f"*{ending}*"
    citations = message.answer.citations if message.answer else []
    if citations:
        yield ""
        yield "Sources:"
        yield ""
        yield from dict.fromkeys(map(_source, sorted(citations, key=lambda each: each.number)))


def _source(citation: Citation) -> str:
    doubt = "" if citation.supported else " (could not be verified)"
    if not citation.document_name:
        return f"- [{citation.number}] {_WITHHELD}"
    name = _on_one_line(citation.document_name)
    return f"- [{citation.number}] {name}, page {citation.page_number}{doubt}"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
