"""Writes the table of values into README.md, from the `# -- ` comments of values.yaml.

A value is documented by the comment above it, or as a whole by the comment above the mapping it
stands in. `python chart/document.py` writes; with `--check` it only says whether anything differs.
"""
# ruff: noqa: INP001 -- a script, beside templates, in no package

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).resolve().parent
BEGIN, END = "<!-- values -->", "<!-- end of values -->"
_MARK = "# -- "
_DEFAULT_MAX = 60


@dataclass(frozen=True, slots=True)
class Value:
    """A value: where it stands, what its comment says, and its default.

    `text` is empty where there is no comment; `is_section` is set where the values inside a
    mapping are documented one by one.
    """

    path: tuple[str, ...]
    text: str
    default: Any
    is_section: bool = False


def read_values(source: str) -> list[Value]:
    """Return the values of a values file in their order; undocumented ones have no text."""
    root = yaml.compose(source, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        sys.exit("values.yaml is no mapping")
    return list(_values(root, (), source.splitlines()))


def _values(node: yaml.MappingNode, path: tuple[str, ...], lines: list[str]) -> Iterator[Value]:
    for key, value in node.value:
        here, text = (*path, key.value), _comment(lines, key.start_mark.line)
        is_open = isinstance(value, yaml.MappingNode) and not value.flow_style and value.value
        inside = list(_values(value, here, lines)) if is_open else []
        default = yaml.constructor.SafeConstructor().construct_document(value)
        if any(each.text for each in inside) or (inside and not text):
            if text:
                yield Value(here, text, default, is_section=True)
            yield from inside
        else:
            yield Value(here, text, default)


def _comment(lines: list[str], line: int) -> str:
    """Return the `# -- ` comment that ends right above `line`, on one line, or ""."""
    found: list[str] = []
    for above in reversed(lines[:line]):
        text = above.strip()
        if text.startswith(_MARK):
            return " ".join([text.removeprefix(_MARK).strip(), *reversed(found)])
        if not text.startswith("#"):
            break
        found.append(text.removeprefix("#").strip())
    return ""


def table(values: list[Value]) -> str:
    """Return the documented values as a Markdown table."""
    rows = ["| Value | Default | Meaning |", "|---|---|---|"]
    for value in values:
        cells = (
            f"`{'.'.join(value.path)}`",
            "" if value.is_section else _default(value.default),
            value.text.replace("|", "\\|"),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _default(value: Any) -> str:
    if value in ("", None):
        return "" if value == "" else "`null`"
    shown = value if isinstance(value, str) else json.dumps(value)
    return f"`{shown}`" if len(shown) <= _DEFAULT_MAX else "see values.yaml"


def with_table(readme: str, rows: str) -> str:
    """Return `readme` with the table between its two marks replaced."""
    before, _, rest = readme.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        sys.exit(f"README.md lacks the marks {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n{rows}\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Write README.md, or compare it when asked to; return the exit code."""
    path = CHART / "README.md"
    readme = path.read_text(encoding="utf-8")
    values = read_values((CHART / "values.yaml").read_text(encoding="utf-8"))
    expected = with_table(readme, table(values))
    if "--check" in arguments:
        return int(expected != readme)
    path.write_text(expected, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
