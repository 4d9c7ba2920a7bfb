"""How passages are gathered for an answer: one module for each mode."""

from functions.answer.reasoning.modes import gathered

__all__ = ["gathered"]
