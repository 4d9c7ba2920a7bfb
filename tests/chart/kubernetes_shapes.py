"""Whether an object of Kubernetes' own kinds has only fields that exist, of the right type.

The shapes are read, not imported, from the development dependency `lightkube-models`: one dataclass
per type of the API, generated from Kubernetes' own OpenAPI document.
"""

import ast
import functools
import importlib.metadata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WHEEL = "lightkube-models"
_SCALARS: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "Dict": (dict,),
    "dict": (dict,),
    "meta_v1.Time": (str,),
    "meta_v1.MicroTime": (str,),
    "resource.Quantity": (str, int, float),
    "util_intstr.IntOrString": (str, int),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a type: its annotation, and whether it must be there."""

    annotation: ast.expr
    required: bool


def have_shapes() -> bool:
    """Return whether the shapes are installed."""
    return _models_folder() is not None


def is_kubernetes_kind(obj: Mapping[str, Any]) -> bool:
    """Return whether `obj` is of an API group of Kubernetes itself."""
    group = obj["apiVersion"].rpartition("/")[0]
    return "." not in group or group in {"networking.k8s.io", "rbac.authorization.k8s.io"}


def shape_errors(obj: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the shape of `obj`, which is of a kind of Kubernetes itself."""
    group, _, version = obj["apiVersion"].rpartition("/")
    module = f"{group.partition('.')[0] or 'core'}_{version}"
    return list(_class_errors(obj, module, obj["kind"], obj["kind"]))


def _class_errors(value: Any, module: str, name: str, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: expected an object, got {value!r}"
        return
    fields = _types(module).get(name)
    if fields is None:
        yield f"{where}: there is no {name} in {module}"
        return
    for unknown in value.keys() - fields.keys():
        yield f"{where}.{unknown}: no field of {name}"
    for field_name, field in fields.items():
        if field_name in value and value[field_name] is not None:
            inside = f"{where}.{field_name}"
            yield from _value_errors(value[field_name], field.annotation, module, inside)
        elif field.required:
            yield f"{where}.{field_name}: missing"


def _value_errors(value: Any, annotation: ast.expr, module: str, where: str) -> Iterator[str]:
    if isinstance(annotation, ast.Subscript):
        container = ast.unparse(annotation.value)
        if container == "Optional":
            yield from _value_errors(value, annotation.slice, module, where)
        elif container == "List":
            if not isinstance(value, list):
                yield f"{where}: expected a list, got {value!r}"
                return
            for position, item in enumerate(value):
                yield from _value_errors(item, annotation.slice, module, f"{where}[{position}]")
        return
    name = ast.unparse(annotation)
    if name in _SCALARS:
        is_boolean = isinstance(value, bool)
        if not isinstance(value, _SCALARS[name]) or (is_boolean and name != "bool"):
            yield f"{where}: expected {name}, got {value!r}"
        return
    other, _, bare = name.rpartition(".")
    yield from _class_errors(value, other or module, bare, where)


@functools.cache
def _types(module: str) -> Mapping[str, Mapping[str, Field]]:
    folder = _models_folder()
    assert folder is not None
    path = folder / f"{module}.py"
    if not path.is_file():
        return {}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: dict(_fields(node)) for node in tree.body if isinstance(node, ast.ClassDef)}


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, Field]]:
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            annotation = ast.parse(ast.literal_eval(line.annotation), mode="eval").body
            yield line.target.id.strip("_"), Field(annotation, required=line.value is None)


@functools.cache
def _models_folder() -> Path | None:
    try:
        wheel = importlib.metadata.distribution(_WHEEL)
    except importlib.metadata.PackageNotFoundError:
        return None
    return Path(str(wheel.locate_file("lightkube/models")))
