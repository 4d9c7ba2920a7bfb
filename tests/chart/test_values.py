"""Every value is documented and used, and the README says what values.yaml says."""

import importlib.util
import shutil
from functools import cache
from itertools import islice
from pathlib import Path
from types import ModuleType

import pytest

from tests.chart.helm import CHART, HelmRefused
from tests.chart.mutations import FLAGS, before, changed, shown, worlds

_TRIES = 4
CHOICES = {  # of one among several, where another choice alone is refused and names them
    "database.bundled.enabled",
    "database.cloudNativePG.enabled",
    "objectStore.bundled.enabled",
    *(f"featureFlags.{name}" for name in FLAGS),
}
OF_THE_CHECKS = {"knative.checkCapabilities"}


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


def test_every_value_is_documented() -> None:
    values = document().read_values((CHART / "values.yaml").read_text(encoding="utf-8"))

    assert [".".join(value.path) for value in values if not value.text] == []


def effect(path: tuple[str, ...]) -> bool:
    """Return whether some world looks otherwise with another value at `path`."""
    for number, world in enumerate(worlds()):
        for values in islice(changed(path, world), _TRIES):
            try:
                if shown(values) != before(number):
                    return True
            except HelmRefused as refused:
                if ".".join(path) in CHOICES and ".".join(path) in str(refused):
                    return True
    return False


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("path", value_paths(), ids=".".join)
def test_every_value_changes_what_is_rendered(path: tuple[str, ...]) -> None:
    if ".".join(path) in OF_THE_CHECKS:
        pytest.skip("tests/chart/test_refusals.py has what it does")

    assert effect(path), "no template reads it, or no world of mutations.py has it on"


@pytest.mark.usefixtures("helm")
def test_a_value_that_no_template_reads_is_found(tmp_path: Path) -> None:
    """The chart with one template that reads another value than it should."""
    broken = tmp_path / "chart"
    shutil.copytree(CHART, broken)
    services = broken / "templates" / "functions" / "services.yaml"
    services.write_text(services.read_text().replace("$function.window", "$function.retention"))
    path = ("functionDefaults", "window")
    values = next(changed(path, worlds()[0]))

    assert shown(values, broken) == shown(worlds()[0], broken)
    assert shown(values) != before(0)


def test_the_table_of_values_is_up_to_date() -> None:
    assert document().main(["--check"]) == 0, "run `python chart/document.py`"


def test_every_file_of_values_is_in_the_readme() -> None:
    readme = (CHART / "README.md").read_text(encoding="utf-8")

    for path in CHART.glob("values*.yaml"):
        assert f"`{path.name}`" in readme, path.name
