"""A function that has been scaled to zero starts with what every request needs, and no more."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = (
    "alembic", "boto3", "duckdb", "httpx", "lancedb", "mcp", "numpy", "onnxruntime", "openai",
    "pandas", "pyarrow", "pymupdf", "sqlalchemy", "tokenizers", "torch",
)  # fmt: skip
FUNCTIONS = sorted(main.parent.name for main in ROOT.glob("functions/*/main.py"))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_imports_what_only_some_requests_need(function: str) -> None:
    program = f"import sys, functions.{function}.main; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT
    ).stdout.split()

    assert sorted(set(loaded) & set(HEAVY)) == []
