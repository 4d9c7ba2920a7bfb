"""What an image needs to make the offline embedder: little beside lectern/models."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_build_of_the_embedder_imports_only_what_its_stage_of_the_image_copies() -> None:
    stage = (ROOT / "Dockerfile").read_text().partition(" AS model")[2].partition("\nFROM")[0]
    copied = {f"lectern.{name}" for name in re.findall(r"lectern/(\w+)\.py", stage)}
    program = "import sys, lectern.models.build; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT
    ).stdout.split()

    ours = {name for name in loaded if name.startswith("lectern.")}
    beside = {name for name in ours if not name.startswith("lectern.models")}
    assert beside <= copied
