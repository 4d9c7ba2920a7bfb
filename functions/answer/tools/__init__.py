"""What an agent may use. Tools only read, with the asker's rights, in the question's scope."""

from functions.answer.tools.box import Toolbox, ToolResult
from functions.answer.tools.choosing import toolbox

__all__ = ["ToolResult", "Toolbox", "toolbox"]
