"""What an agent may use. Tools only read, with the asker's rights, in the question's scope."""

from functions.answer.tools.box import Toolbox, ToolResult, toolbox

__all__ = ["ToolResult", "Toolbox", "toolbox"]
