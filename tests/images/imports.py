"""Run inside an image, from its standard input: prints, as JSON, the modules it cannot find.

Every import of the package is looked up, also those inside of functions, which happen late. Given a
package as the argument, only what can be reached from it counts.
"""

import ast
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/app")
OURS = {"lectern", "functions", "web"}


def main() -> None:
    """Run the script."""
    missing: dict[str, str] = {}
    seen: set[str] = set()
    waiting = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for start in sys.argv[1:]
        for path in (ROOT / start).rglob("*.py")
    ]
    while waiting:
        module = waiting.pop()
        source = _source(module)
        if module in seen or source is None:
            continue
        seen.add(module)
        for name in _imported(ast.parse(source.read_text())):
            if name.partition(".")[0] in OURS:
                waiting += [name, name.rpartition(".")[0]]
            elif not _found(name):
                missing[name] = module
    json.dump({"missing": missing, "modules": len(seen)}, sys.stdout)


def _imported(tree: ast.AST) -> Iterator[str]:
    """Yield what is imported, also late, but not what only a type checker imports."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            if node.module.partition(".")[0] in OURS:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from _imported(node)


def _source(module: str) -> Path | None:
    place = ROOT.joinpath(*module.split("."))
    places = (place.with_suffix(".py"), place / "__init__.py")
    return next((path for path in places if path.is_file()), None)


def _found(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


if __name__ == "__main__":
    main()
