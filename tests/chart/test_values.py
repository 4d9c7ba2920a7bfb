"""Every value is documented and used, and the README says what values.yaml says."""

import importlib.util
import re
from functools import cache
from types import ModuleType

import pytest

from tests.chart.helm import CHART

_WHOLE = r"(?![\w.])"


@cache
def document() -> ModuleType:
    """Return chart/document.py, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("chart_document", CHART / "document.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def value_paths() -> list[tuple[str, ...]]:
    """Return where the values stand, sections left out."""
    values = document().read_values((CHART / "values.yaml").read_text(encoding="utf-8"))
    return [value.path for value in values if not value.is_section]


@cache
def templates() -> str:
    """Return the text of all templates without their comments."""
    paths = [path for path in sorted(CHART.glob("templates/**/*")) if path.is_file()]
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    return re.sub(r"\{\{-?\s*/\*.*?\*/\s*-?\}\}", "", text, flags=re.DOTALL)


def is_used(path: tuple[str, ...]) -> bool:
    """Return whether a template reads the value by its path, or a part of it by name.

    A template may take a mapping as a whole and read from it by name (`$function.window`), or hand
    it on as it is; then the names below have to appear, or the mapping has to be printed.
    """
    if re.search(rf"\.Values\.{re.escape('.'.join(path))}\b", templates()):
        return True
    for depth in range(len(path) - 1, 0, -1):
        taken = rf"\.Values\.{re.escape('.'.join(path[:depth]))}{_WHOLE}"
        if re.search(rf"(toYaml|toJson|get|range [^}}]*) \(?[$\w]*{taken}", templates()):
            return True
        if re.search(taken, templates()):
            return all(re.search(rf"[.\"]{name}\b", templates()) for name in path[depth:])
    return False


def test_every_value_is_documented() -> None:
    values = document().read_values((CHART / "values.yaml").read_text(encoding="utf-8"))

    assert [".".join(value.path) for value in values if not value.text] == []


@pytest.mark.parametrize("path", value_paths(), ids=".".join)
def test_every_value_is_used(path: tuple[str, ...]) -> None:
    assert is_used(path)


def test_a_value_that_no_template_reads_is_found() -> None:
    assert not is_used(("broker", "colour"))
    assert not is_used(("colour",))
    assert not is_used(("functionDefaults", "colour"))


def test_the_table_of_values_is_up_to_date() -> None:
    assert document().main(["--check"]) == 0, "run `python chart/document.py`"


def test_every_file_of_values_is_in_the_readme() -> None:
    readme = (CHART / "README.md").read_text(encoding="utf-8")

    for path in CHART.glob("values*.yaml"):
        assert f"`{path.name}`" in readme, path.name
