"""Whether a text is a CESQL 1.0 expression. cloudevents/spec:cesql/spec.md, section 2.

A recogniser of the grammar, not of types: what its parser refuses, so does eventing's webhook.
"""

import re

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<number>\d+)"
    r"|(?P<operator><=|>=|<>|!=|[-+*/%=<>(),])|(?P<word>[A-Za-z_]\w*))"
)
_BINARY = {"=", "!=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "AND", "OR", "XOR"}
_KEYWORDS = {"AND", "OR", "XOR", "NOT", "LIKE", "IN", "EXISTS"}


class _Invalid(Exception):
    pass


def is_cesql(text: str) -> bool:
    """Return whether `text` is a CESQL expression."""
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return False
        tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
        position = match.end()
    tokens.reverse()
    try:
        _expression(tokens)
    except _Invalid:
        return False
    return not tokens


def _expression(tokens: list[tuple[str, str]]) -> None:
    _operand(tokens)
    while tokens:
        word = tokens[-1][1].upper()
        if word in _BINARY:
            tokens.pop()
            _operand(tokens)
        elif word in {"NOT", "LIKE", "IN"}:
            _test(tokens)
        else:
            return


def _test(tokens: list[tuple[str, str]]) -> None:
    """`[NOT] LIKE 'pattern'` or `[NOT] IN (…)`, after its operand."""
    if _next(tokens).upper() == "NOT":
        tokens.pop()
    test = _next(tokens).upper()
    tokens.pop()
    if test == "LIKE":
        if not tokens or tokens.pop()[0] != "text":
            raise _Invalid
    elif test == "IN":
        _arguments(tokens)
    else:
        raise _Invalid


def _operand(tokens: list[tuple[str, str]]) -> None:
    word = _next(tokens)
    kind, _ = tokens.pop()
    if word.upper() == "NOT" or word == "-":
        _operand(tokens)
    elif word.upper() == "EXISTS":
        if _next(tokens).upper() in _KEYWORDS or tokens.pop()[0] != "word":
            raise _Invalid
    elif word == "(":
        _expression(tokens)
        _expect(tokens, ")")
    elif kind == "operator" or word.upper() in _KEYWORDS:
        raise _Invalid
    elif kind == "word" and tokens and tokens[-1][1] == "(":
        _arguments(tokens)


def _arguments(tokens: list[tuple[str, str]]) -> None:
    _expect(tokens, "(")
    if _next(tokens) != ")":
        _expression(tokens)
        while _next(tokens) == ",":
            tokens.pop()
            _expression(tokens)
    _expect(tokens, ")")


def _next(tokens: list[tuple[str, str]]) -> str:
    if not tokens:
        raise _Invalid
    return tokens[-1][1]


def _expect(tokens: list[tuple[str, str]], word: str) -> None:
    if _next(tokens) != word:
        raise _Invalid
    tokens.pop()
