"""The tool that computes: exact arithmetic, and nothing else that Python could do.

A model writes the expression, so it is hostile: digits, exponents and places are bounded, and with
them the time that any expression of the allowed length can take.
"""

import ast
import operator
from collections.abc import Callable
from decimal import (
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    Underflow,
    localcontext,
)
from math import inf
from typing import Annotated

from pydantic import Field

from functions.answer.evidence import Finding
from functions.answer.inquiry import Inquiry
from functions.answer.tools.box import AnswerTool, Arguments, ToolResult

_DIGITS = 28
_LARGEST_EXPONENT = 1000
_LARGEST_POWER_OF_TEN = 400
_MOST_ZEROS = 40  # written out; a value that would need more is shown as 1E+50
_CONTEXT = Context(
    prec=_DIGITS,
    Emin=-_LARGEST_POWER_OF_TEN,
    Emax=_LARGEST_POWER_OF_TEN,
    traps=[DivisionByZero, InvalidOperation, Overflow, Underflow],
)


def _rounded(value: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    if abs(places) > _DIGITS:
        raise ValueError(f"round takes at most {_DIGITS} places, not {places:.3g}")
    return round(value, int(places))


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
    "round": _rounded,
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
    """Return the value of an arithmetic expression, to 28 digits, in under 80 characters.

    Raises:
        ValueError: It holds something other than arithmetic, has no value, or a part of it is
            1E+401 or larger, or too close to 0 to be told from it.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval")
        with localcontext(_CONTEXT):
            return _shown(_value(tree.body))
    except (Overflow, Underflow) as error:
        raise ValueError(
            f"{expression[:80]!r} cannot be computed: a number in it is too large or too small, "
            f"they go from 1E-{_LARGEST_POWER_OF_TEN} to 1E+{_LARGEST_POWER_OF_TEN}"
        ) from error
    except (SyntaxError, RecursionError, MemoryError, ArithmeticError, TypeError) as error:
        raise ValueError(f"{expression[:80]!r} cannot be computed") from error


def _shown(value: Decimal) -> str:
    plain = value.normalize()
    if not plain:
        return "0"
    return f"{plain:f}" if abs(plain.adjusted()) <= _MOST_ZEROS else str(plain)


def _value(node: ast.expr) -> Decimal:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            if number in {inf, -inf}:
                raise Overflow
            return _CONTEXT.create_decimal(str(number))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            first, second = _value(left), _value(right)
            if isinstance(op, ast.Pow) and abs(second) > _LARGEST_EXPONENT:
                raise ValueError(
                    f"the exponent {second:.3g} is too large, the most is {_LARGEST_EXPONENT}"
                )
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
