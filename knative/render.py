"""Renders the chart into plain manifests, for `kubectl apply` without Helm.

`python -m knative.render` writes one file for each folder of templates, and what lists them. What
only Helm understands is left out. With `--check` it only says whether anything differs.
"""
# ruff: noqa: INP001 -- a script, beside manifests, in no package

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.chart.helm import helm_binary, render

HERE = Path(__file__).resolve().parent
RENDERED = HERE / "rendered"
NAMESPACE = "lectern"
_SOURCE = re.compile(r"^# Source: lectern/templates/(?P<folder>[\w-]+)/.*$", re.MULTILINE)
_HELMS_OWN = re.compile(r"helm\.sh/|app\.kubernetes\.io/managed-by$")
_HEAD = "# Rendered from the chart by `python -m knative.render`, with knative/values.yaml.\n"


class _Dumper(yaml.SafeDumper):
    """Lists indented below their key, texts of several lines as they are."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        return super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def manifests() -> dict[str, str]:
    """Return the files of `knative/rendered`: name -> content."""
    text = render(HERE / "values.yaml", namespace=NAMESPACE).text
    files: dict[str, list[str]] = {}
    for document in re.split(r"^---$", text, flags=re.MULTILINE):
        source, obj = _SOURCE.search(document), yaml.safe_load(document)
        if source and obj:
            shown = yaml.dump(_without_helm(obj), Dumper=_Dumper, sort_keys=False, width=120)
            files.setdefault(f"{source['folder']}.yaml", []).append(shown)
    contents = {name: "---\n".join(objects) for name, objects in sorted(files.items())}
    listing = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": list(contents),
    }
    contents["kustomization.yaml"] = yaml.dump(listing, Dumper=_Dumper, sort_keys=False)
    return {name: _HEAD + content for name, content in contents.items()}


def _without_helm(node: Any) -> Any:
    """Return `node` without the labels and annotations that say that Helm is in charge."""
    if isinstance(node, Mapping):
        kept = {key: _without_helm(value) for key, value in node.items() if not _is_helms(key)}
        return {key: value for key, value in kept.items() if value != {} or node[key] == {}}
    if isinstance(node, list):
        return [_without_helm(each) for each in node]
    return node


def _is_helms(key: Any) -> bool:
    return isinstance(key, str) and bool(_HELMS_OWN.match(key))


def main(arguments: list[str]) -> int:
    """Write the files, or compare them when asked to; return the exit code."""
    if helm_binary() is None:
        sys.exit("there is no helm on PATH, nor in the development dependencies: `make setup-dev`")
    expected = manifests()
    there = {path.name: path.read_text(encoding="utf-8") for path in RENDERED.glob("*.yaml")}
    if "--check" in arguments:
        return int(expected != there)
    RENDERED.mkdir(exist_ok=True)
    for name in there.keys() - expected.keys():
        (RENDERED / name).unlink()
    for name, content in expected.items():
        (RENDERED / name).write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
