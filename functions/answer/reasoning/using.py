"""Using tools: side by side, each a step that is seen, its passages numbered for the model."""

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor

from functions.answer.inquiry import Inquiry
from functions.answer.prompt import inert
from functions.answer.prompting import prompt_text
from functions.answer.tools import Toolbox, ToolResult
from functions.answer.tools.box import Use
from lectern.api import AnswerEvent, OutsideSource

PROMPT_VERSION = "outer-tools-v1"
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
        found = len(result.passages) if result.passages or not result.shown else None
        sources = inquiry.evidence.add_outside(result.outside)
        yield inquiry.end(
            number, result=result.shown, found=found, failed=result.failed, sources=sources
        )
        blocks = [_told(result, inquiry), _from_outside(result, sources)]
        told.append("\n\n".join(filter(None, blocks)) or "nothing found")
    return told


def outside_rules(box: Toolbox) -> str:
    """Return what holds for tools outside of Lectern, "" where there are none."""
    return f"\n{prompt_text(PROMPT_VERSION)}\n" if box.reaches_out else ""


def _told(result: ToolResult, inquiry: Inquiry) -> str:
    numbers = inquiry.evidence.add(result.passages)
    blocks = [
        f"[{number}] {passage.document_name}, page {passage.page_number}: "
        f"{inert(passage.text)[:_LONGEST_PASSAGE]}"
        for number, passage in zip(numbers, result.passages, strict=True)
    ]
    return "\n\n".join([*blocks, *[inert(result.text)][: bool(result.text)]])


def _from_outside(result: ToolResult, sources: Sequence[OutsideSource]) -> str:
    """Return what was found outside of the documents, unable to look like anything of ours."""
    blocks = [
        f"[{source.marker}] ({inert(each.origin)}) {inert(each.title)}\n{inert(each.text)}"
        for source, each in zip(sources, result.outside, strict=True)
    ]
    return "\n\n".join(blocks)
