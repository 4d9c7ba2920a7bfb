"""Build the two container images with docker, podman or buildah, whichever is there and works.

    python3 images/build.py [--target functions|web] [--base IMAGE] [--tag TAG] [--engine NAME]
                            [--pip-conf FILE] [--ca-certificates FILE] [-- ENGINE OPTIONS...]

Needs nothing but the standard library and one of the three programs.
"""
# ruff: noqa: INP001, T201 - a script that says what it does

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGETS = ("functions", "web")
_CANDIDATES = {
    "docker": ("docker", "version", "--format", "{{.Server.Version}}"),  # fails without an engine
    "podman": ("podman", "info"),
    "buildah": ("buildah", "info"),
}
_PROBE_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that builds images here."""

    name: str

    def build(self, options: argparse.Namespace, target: str) -> Sequence[str]:
        """Return the command that builds `target`."""
        epoch = _source_date_epoch()
        arguments = {"VERSION": _version(), "REVISION": _revision()}
        if options.base:
            arguments["BASE_IMAGE"] = options.base
        command = [
            self.name,
            "build",
            "--target",
            target,
            "--tag",
            f"lectern/{target}:{options.tag}",
        ]
        if self.name == "docker":
            arguments["SOURCE_DATE_EPOCH"] = epoch
        else:
            command += ["--timestamp", epoch, "--layers"]
        for name, value in arguments.items():
            command += ["--build-arg", f"{name}={value}"]
        for secret, file in (("pip", options.pip_conf), ("ca", options.ca_certificates)):
            if file:
                command += ["--secret", f"id={secret},src={file}"]
        return [*command, *options.engine_options, str(ROOT)]


def find_engine(wanted: str = "") -> Engine | None:
    """Return the first engine that answers, not merely one that is installed.

    Args:
        wanted: The only one that will do; "" for any.
    """
    for name, probe in _CANDIDATES.items():
        if wanted not in {"", name} or shutil.which(name) is None:
            continue
        try:
            subprocess.run(  # noqa: S603 - fixed commands
                probe, check=True, capture_output=True, timeout=_PROBE_TIMEOUT_S
            )
        except (subprocess.SubprocessError, OSError):
            continue
        return Engine(name)
    return None


def main() -> None:
    """Run the script."""
    options = _options(sys.argv[1:])
    engine = find_engine(options.engine)
    if engine is None:
        sys.exit(
            "No container engine works here: docker answers to no server, and neither podman nor"
            " buildah is installed and able to run. Install one (Debian: apt install podman) or"
            " start Docker."
        )
    for target in options.target or TARGETS:
        print(f"building lectern/{target}:{options.tag} with {engine.name}", flush=True)
        command = engine.build(options, target)
        code = subprocess.run(  # noqa: S603
            command, check=False, env={**os.environ, "DOCKER_BUILDKIT": "1"}
        ).returncode
        if code != 0:
            sys.exit(code)


def _options(given: Sequence[str]) -> argparse.Namespace:
    ours, engines = list(given), []
    if "--" in ours:
        at = ours.index("--")
        ours, engines = ours[:at], ours[at + 1 :]
    parser = argparse.ArgumentParser(description="Build Lectern's container images.")
    parser.add_argument("--target", action="append", choices=TARGETS, help="default: both")
    parser.add_argument("--engine", default="", choices=list(_CANDIDATES), help="default: any")
    parser.add_argument("--base", help="base image with Python 3.11 or newer and apt")
    parser.add_argument("--tag", default=_version(), help="default: the version")
    parser.add_argument("--pip-conf", help="pip's configuration for this build; stored nowhere")
    parser.add_argument("--ca-certificates", help="CA certificates for pip; stored nowhere")
    options = parser.parse_args(ours)
    options.engine_options = engines
    return options


def _version() -> str:
    found = re.search(r'__version__ = "([^"]+)"', (ROOT / "lectern" / "__init__.py").read_text())
    return found[1] if found else "dev"


def _revision() -> str:
    return _git("rev-parse", "HEAD")


def _source_date_epoch() -> str:
    """Return the time that stands for "now" in the images: the last commit's."""
    return os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct") or "0"


def _git(*arguments: str) -> str:
    try:
        return subprocess.run(  # noqa: S603
            ["git", "-C", str(ROOT), *arguments],  # noqa: S607
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    except (subprocess.SubprocessError, OSError):
        return ""


if __name__ == "__main__":
    main()
