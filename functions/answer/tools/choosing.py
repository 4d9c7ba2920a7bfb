"""Which tools a question allows."""

from collections.abc import Sequence

from functions.answer.inquiry import Inquiry
from functions.answer.tools.box import Toolbox
from functions.answer.tools.calculating import CALCULATE
from functions.answer.tools.documents import LIST
from functions.answer.tools.passages import READ, SEARCH
from functions.answer.tools.tables import TABLE
from lectern.api import ToolName

_KNOWN = (SEARCH, READ, LIST, TABLE, CALCULATE)


def toolbox(inquiry: Inquiry, allowed: Sequence[ToolName]) -> Toolbox:
    """Return the tools that are allowed for a question, those outside Lectern among them."""
    own = [tool for tool in _KNOWN if tool.name in allowed]
    return Toolbox({tool.name: tool for tool in (*own, *inquiry.outer)}, inquiry)
