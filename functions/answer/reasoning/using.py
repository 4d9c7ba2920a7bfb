"""Using tools: side by side, each a step that is seen, its passages numbered for the model."""

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor

from functions.answer.inquiry import Inquiry
from functions.answer.prompt import inert
from functions.answer.tools import ToolResult
from functions.answer.tools.box import Use
from lectern.api import AnswerEvent

_LONGEST_PASSAGE = 900  # characters of a passage that the model reads while it gathers


def use_tools(uses: Sequence[Use], inquiry: Inquiry) -> Generator[AnswerEvent, None, Sequence[str]]:
    """Run tools at the same time; yield their steps and return what each tells the model."""
    numbers = []
    for use in uses:
        number, begun = inquiry.begin(use.kind, use.label)
        numbers.append(number)
        yield begun
    with ThreadPoolExecutor(max(1, len(uses)), thread_name_prefix="tool") as pool:
        results = list(pool.map(lambda use: use.run(), uses))
    told = []
    for number, result in zip(numbers, results, strict=True):
        told.append(_told(result, inquiry))
        found = len(result.passages) if result.passages or not result.shown else None
        yield inquiry.end(
            number, result=result.shown, found=found, failed=result.failed, links=result.links
        )
    return told


def _told(result: ToolResult, inquiry: Inquiry) -> str:
    numbers = inquiry.evidence.add(result.passages)
    blocks = [
        f"[{number}] {passage.document_name}, page {passage.page_number}: "
        f"{inert(passage.text)[:_LONGEST_PASSAGE]}"
        for number, passage in zip(numbers, result.passages, strict=True)
    ]
    return "\n\n".join([*blocks, *[inert(result.text)][: bool(result.text)]]) or "nothing found"
