"""The documentation says what is there: links, commands, values, settings, metrics, alerts."""

import importlib.util
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
import yaml

from lectern.catalog.migrating import losses, versions
from lectern.cli.root import cli
from tests.chart.test_agreement import ONE_MACHINE_ONLY
from tests.chart.test_monitoring import metrics

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "operations"
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md"))
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_COMMAND = re.compile(
    r"(?:^|xargs )(?:\$ )?(?:[A-Z_]+=\S+ )*lectern((?: (?:[^\n`|;&#\\]|\\\n)+)?)", re.MULTILINE
)
_CODE = re.compile(r"```\w*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
_VALUE = re.compile(r"[a-z][A-Za-z]+(?:\.(?:\w+|<name>|\*))+")
_METRIC = re.compile(r"\| `(lectern_\w+)` \| (\w+) \|([^|]*)\|")
_SUFFIXES = {"counter": "", "gauge": "", "histogram": "_count"}


def name(path: Path) -> str:
    """Return how a page is called in reports."""
    return str(path.relative_to(ROOT))


def code(text: str) -> Iterator[str]:
    """Yield every block and span of code of a page."""
    for block, span in _CODE.findall(text):
        yield block or span


@cache
def anchors(path: Path) -> set[str]:
    """Return what a link can lead to within a page, as code hosts make it of its headings."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return {anchor(heading) for heading in re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE)}


def anchor(heading: str) -> str:
    """Return the anchor of a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def test_there_is_a_guide() -> None:
    assert {path.stem for path in GUIDE.glob("*.md")} >= {
        "README",
        "backup",
        "install",
        "logs",
        "monitoring",
        "security",
        "sizing",
        "troubleshooting",
        "uninstall",
        "upgrade",
    }


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        place, _, fragment = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), f"{link!r} leads nowhere"
        if fragment and target.suffix == ".md":
            assert fragment in anchors(target), f"{link!r} has no such heading"


def test_the_map_of_the_guide_names_every_page_of_it() -> None:
    named = set(_LINK.findall((GUIDE / "README.md").read_text(encoding="utf-8")))

    assert {path.name for path in GUIDE.iterdir()} - {"README.md"} <= named


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_that_is_shown_exists(page: Path) -> None:
    for text in code(page.read_text(encoding="utf-8")):
        for command in _COMMAND.findall(text):
            check_command(command.replace("\\\n", " "))


def check_command(line: str) -> None:
    """Fail unless a `lectern` command has these subcommands and options."""
    words = shlex.split(line.replace("[", "").replace("]", ""), comments=True)
    command: click.Command = cli
    shown = "lectern"
    for word in words:
        option = word.partition("=")[0]
        if re.fullmatch(r"--[a-z-]+|-[a-z]", option):
            known = {each for parameter in command.params for each in parameter.opts}
            assert option in {*known, "--help"}, f"`{shown}` has no {option}"
        elif isinstance(command, click.Group):
            inner = command.get_command(click.Context(command), word)
            assert inner or command.invoke_without_command, f"there is no `{shown} {word}`"
            command, shown = inner or command, f"{shown} {word}"


@pytest.mark.parametrize("line", ["fly", "backup --faster", "users rename", "migrate --to X --go"])
def test_a_command_that_does_not_exist_is_found(line: str) -> None:
    with pytest.raises(AssertionError):
        check_command(line)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_make_target_that_is_shown_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))

    for text in code(page.read_text(encoding="utf-8")):
        for words in re.findall(r"(?:^|[\s$])make ((?:[a-z-]+ ?)+)", text):
            assert set(words.split()) <= targets


@cache
def values() -> dict[str, Any]:
    """Return the chart's default values."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "chart/values.yaml").read_text("utf-8"))
    return loaded


def is_value(path: str) -> bool:
    """Return whether the chart has a value, section or `section.*` of this name."""
    here: Any = values()
    names = path.split(".")
    if names[:1] == ["functions"] and len(names) > 2:
        names = ["functionDefaults", *names[2:]]
    for each in names:
        if each == "*":
            return isinstance(here, dict)
        if not isinstance(here, dict) or (here and each not in here):
            return False
        here = here.get(each, {})
    return True


@pytest.mark.parametrize("page", sorted(GUIDE.glob("*.md")), ids=name)
def test_every_value_of_the_chart_that_is_named_exists(page: Path) -> None:
    for span in re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8")):
        path = span.partition(":")[0].partition("=")[0]
        if _VALUE.fullmatch(path) and path.partition(".")[0] in values():
            assert is_value(path), f"the chart has no value {path!r}"


def test_a_value_that_does_not_exist_is_found() -> None:
    assert is_value("functions.parse.maxScale")
    assert is_value("functions.<name>.secrets")
    assert not is_value("functions.parse.colour")
    assert not is_value("broker.colour")


@pytest.mark.parametrize("page", sorted(GUIDE.glob("*.md")), ids=name)
def test_examples_of_values_have_only_keys_of_the_chart(page: Path) -> None:
    for block in re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        for path in leaves(yaml.safe_load(block), ()):
            assert is_value(".".join(path)), f"the chart has no value {'.'.join(path)!r}"


def leaves(node: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the paths of a values file, down to what is the user's own."""
    if isinstance(node, dict) and node and not is_users_own(path):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    else:
        yield path


def is_users_own(path: tuple[str, ...]) -> bool:
    """Return whether the chart's default there is an empty mapping, which users fill."""
    here: Any = values()
    for each in path:
        here = here.get(each, {}) if isinstance(here, dict) else {}
    return bool(path) and here == {}


@cache
def settings_script() -> ModuleType:
    """Return docs/settings.py, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("docs_settings", ROOT / "docs" / "settings.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_of_settings_is_up_to_date() -> None:
    assert settings_script().main(["--check"]) == 0, "run `python docs/settings.py`"


def test_the_reference_names_values_of_the_chart_and_what_is_of_one_machine() -> None:
    script = settings_script()
    elsewhere: dict[str, str] = script.ELSEWHERE

    assert {f for f, p in elsewhere.items() if p == script.LOCAL_ONLY} == ONE_MACHINE_ONLY
    for place in set(elsewhere.values()) - {script.LOCAL_ONLY, script.BY_CHART}:
        assert is_value(place), place


def test_every_metric_of_the_code_is_in_the_guide_with_its_labels() -> None:
    page = (GUIDE / "monitoring.md").read_text(encoding="utf-8")
    documented = {
        f"{series}{_SUFFIXES[kind]}": set(re.findall(r"`(\w+)`", labels))
        for series, kind, labels in _METRIC.findall(page)
    }

    measured = {
        series: labels
        for series, labels in metrics().items()
        if not series.endswith(("_bucket", "_sum"))
    }
    assert documented == measured


def test_every_alert_has_a_paragraph_where_its_runbook_leads() -> None:
    rules = (ROOT / "chart/templates/monitoring/rules.yaml").read_text(encoding="utf-8")
    alerts = re.findall(r"- alert: (\w+)", rules)

    assert len(alerts) > 5
    assert {alert.lower() for alert in alerts} <= anchors(GUIDE / "monitoring.md")


def test_every_code_in_troubleshooting_is_one_of_the_code() -> None:
    page = (GUIDE / "troubleshooting.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \| [^|]{1,3} \|", page, re.MULTILINE)
    named = {each for row in rows for each in re.findall(r"`(\w+)`", row)}
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("lectern", "functions", "web")
        for path in (ROOT / folder).rglob("*.py")
    )

    assert len(named) > 50
    assert {each for each in named if f'"{each}"' not in sources} == set()
    assert page.count("\n### ") > 20


def test_what_each_way_back_loses_is_said() -> None:
    page = (GUIDE / "backup.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| (\d{4}) \| (.+) \|$", page, re.MULTILINE))
    known = versions()

    assert told == {to: " ".join(losses(known[-1], to)[-1:]) for to in known[:-1]}


def test_the_shell_is_a_pod_like_those_of_the_chart() -> None:
    jobs = yaml.safe_load_all((ROOT / "knative/rendered/jobs.yaml").read_text(encoding="utf-8"))
    (job,) = (each for each in jobs if each["metadata"]["name"].startswith("lectern-migrate"))
    theirs = job["spec"]["template"]["spec"]
    ours = yaml.safe_load((GUIDE / "shell.yaml").read_text(encoding="utf-8"))["spec"]

    (container,), (shell,) = theirs["containers"], ours["containers"]
    names = {each["name"] for each in shell["env"]}
    for_people = {"LECTERN_SERVER", "LECTERN_COPY_S3_ACCESS_KEY", "LECTERN_COPY_S3_SECRET_KEY"}
    assert for_people <= names
    assert {each["name"] for each in container["env"]} == names - for_people
    for key in ("envFrom", "securityContext", "volumeMounts"):
        assert shell[key] == container[key]
    for key in ("securityContext", "serviceAccountName", "automountServiceAccountToken"):
        assert ours[key] == theirs[key]


def test_nothing_in_the_documentation_leads_to_a_machine_of_ours() -> None:
    for page in PAGES:
        assert not re.search(r"/(work|home|root)/\w", page.read_text(encoding="utf-8")), name(page)


def test_logs_by_selector_say_how_much_they_show() -> None:
    """Without `--tail` or `--since`, kubectl shows ten lines of each pod and says nothing of it."""
    for page in PAGES:
        for line in page.read_text(encoding="utf-8").splitlines():
            for command in re.findall(r"\blogs\b[^`|]*--selector[^`|]*", line):
                assert re.search(r"--tail[ =]-?\d", command), f"{name(page)}: {command}"


def test_an_upgrade_is_previewed_with_the_values_it_is_made_with() -> None:
    page = (GUIDE / "upgrade.md").read_text(encoding="utf-8")
    preview, upgrade = (
        re.findall(rf"^helm {verb} lectern .*$", page, re.MULTILINE)[0]
        for verb in ("template", "upgrade")
    )

    assert re.findall(r"--values \S+", preview) == re.findall(r"--values \S+", upgrade)
