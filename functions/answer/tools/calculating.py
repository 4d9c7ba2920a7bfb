"""The tool that computes: exact arithmetic, and nothing else that Python could do."""

import ast
import operator
from collections.abc import Callable
from decimal import Context, Decimal, DecimalException, localcontext
from typing import Annotated

from pydantic import Field

from functions.answer.evidence import Finding
from functions.answer.inquiry import Inquiry
from functions.answer.tools.box import AnswerTool, Arguments, ToolResult

_DIGITS = 28
_LARGEST_EXPONENT = 1000
_BINARY: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_CALLS: dict[str, Callable[..., Decimal]] = {
    "abs": abs,
    "max": max,
    "min": min,
    "round": lambda value, places=Decimal(0): round(value, int(places)),
    "sqrt": lambda value: value.sqrt(),
    "sum": lambda *values: sum(values, Decimal(0)),
}


class CalculateArguments(Arguments):
    """What to compute."""

    expression: Annotated[
        str,
        Field(
            min_length=1,
            max_length=300,
            description="numbers, + - * / // % **, parentheses, abs max min round sqrt sum",
        ),
    ]


def calculate(arguments: CalculateArguments, inquiry: Inquiry) -> ToolResult:
    """Return the value of an expression; it joins the findings."""
    value = evaluated(arguments.expression)
    inquiry.evidence.findings.append(Finding(arguments.expression, f"= {value}"))
    return ToolResult(value, shown=value)


def evaluated(expression: str) -> str:
    """Return the value of an arithmetic expression, to 28 digits.

    Raises:
        ValueError: It holds something other than arithmetic, or has no value.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval")
        with localcontext(Context(prec=_DIGITS)):
            value = _value(tree.body)
            return f"{value.normalize():f}" if value else "0"
    except (SyntaxError, RecursionError, MemoryError, DecimalException, TypeError) as error:
        raise ValueError(f"{expression[:80]!r} cannot be computed") from error


def _value(node: ast.expr) -> Decimal:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return Decimal(str(number))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            first, second = _value(left), _value(right)
            if isinstance(op, ast.Pow) and abs(second) > _LARGEST_EXPONENT:
                raise ValueError(f"the exponent {second} is too large")
            return _BINARY[type(op)](first, second)
        case ast.Call(func=ast.Name(id=name), args=values, keywords=[]) if name in _CALLS:
            return _CALLS[name](*map(_value, values))
        case _:
            raise ValueError(f"{ast.unparse(node)[:80]!r} is no arithmetic")


CALCULATE = AnswerTool(
    "calculate",
    "Computes an arithmetic expression exactly.",
    CalculateArguments,
    calculate,
    lambda arguments: arguments.expression,
)
