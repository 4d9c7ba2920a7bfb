"""What weighs what in an image; run inside of it, from standard input:

podman run --rm -i lectern/functions:0.1.0 python - < images/sizes.py
"""
# ruff: noqa: INP001, T201, D415 - a script that says what it finds

import os
import sysconfig
from collections import Counter
from pathlib import Path

_SMALLEST_SHOWN_BYTES = 3_000_000
_VIRTUAL = {"proc", "sys", "dev", "tmp", "run"}


def main() -> None:
    """Run the script."""
    packages = Path(sysconfig.get_path("purelib"))
    own = {
        "packages": packages,
        "the embedding model": Path("/opt/lectern/share"),
        "Lectern": Path("/app"),
        "OCR languages": Path("/usr/share/tesseract-ocr"),
    }
    sizes = {name: _size(folder) for name, folder in own.items()}
    whole = sum(_size(folder) for folder in Path("/").iterdir() if folder.name not in _VIRTUAL)
    sizes["base image"] = whole - sum(sizes.values())
    _show("parts of the image", sizes)
    _show("packages", _by_package(packages))


def _by_package(packages: Path) -> dict[str, int]:
    sizes: Counter[str] = Counter()
    for path in packages.iterdir():
        name = path.name.split(".")[0].split("-")[0].lstrip("_")
        sizes[name] += _size(path)
    return dict(sizes)


def _size(path: Path) -> int:
    """Return the bytes of a file, or of the files below a folder."""
    if path.is_symlink():
        return 0
    if path.is_file():
        return path.stat().st_size
    return sum(
        os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - half the time of Path
        for folder, _, names in os.walk(path)
        for name in names
    )


def _show(title: str, sizes: dict[str, int]) -> None:
    print(f"{title}: {sum(sizes.values()) / 1e6:.0f} MB")
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        if size >= _SMALLEST_SHOWN_BYTES:
            print(f"  {size / 1e6:6.1f}  {name}")


if __name__ == "__main__":
    main()
