"""Which tools a question allows."""

from collections.abc import Sequence

from functions.answer.inquiry import Inquiry
from functions.answer.tools.box import Toolbox
from functions.answer.tools.calculating import CALCULATE
from functions.answer.tools.documents import LIST
from functions.answer.tools.passages import READ, SEARCH
from functions.answer.tools.tables import TABLE

_KNOWN = (SEARCH, READ, LIST, TABLE, CALCULATE)


def toolbox(inquiry: Inquiry, allowed: Sequence[str]) -> Toolbox:
    """Return the tools that are allowed for a question; those outside of Lectern are met now."""
    tools = [tool for tool in _KNOWN if tool.name in allowed]
    if inquiry.outer is not None:
        tools += inquiry.outer.tools(inquiry)
    return Toolbox({tool.name: tool for tool in tools}, inquiry)
