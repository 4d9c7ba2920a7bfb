"""Tools outside of Lectern: the web and MCP servers, for questions that allow them.

What is given to them leaves Lectern, and what comes back is anybody's words. So they are off unless
a question names them, every collection that is searched agrees, and an administrator allowed them.
"""

from functions.answer.outer.allowing import allowed_outside, require_available
from functions.answer.outer.offering import Outer

__all__ = ["Outer", "allowed_outside", "require_available"]
