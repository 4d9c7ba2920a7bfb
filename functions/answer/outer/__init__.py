"""Tools outside Lectern: web searches and MCP servers, as far as somebody allowed them."""

from functions.answer.outer.choosing import OuterTools, chosen_tools

__all__ = ["OuterTools", "chosen_tools"]
