"""`lectern collections`, on the functions inside of the process."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.catalog.wiring import dependencies
from lectern.catalog import open_catalog
from lectern.cli.root import cli
from lectern.settings import Settings


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home for all: the functions inside of this process keep what they opened."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_HOME", str(home))
        for name in ("LECTERN_SERVER", "LECTERN_TOKEN"):
            patch.delenv(name, raising=False)
        dependencies.cache_clear()
        yield home
    dependencies.cache_clear()


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    with pytest.raises(SystemExit) as ended:
        cli.main(["collections", *arguments, "--json"])
    return int(ended.value.code or 0), json.loads(capsys.readouterr().out)


def test_a_collection_is_made_shared_and_deleted(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    _, made = run(capsys, "create", "Travel rules")
    catalog = open_catalog(Settings(home=home))
    friend = catalog.people.create_user("friend")

    run(capsys, "share", made["slug"], "--everyone")
    _, shared = run(capsys, "share", made["slug"], "--with", "friend", "--role", "editor")
    code, nobody = run(capsys, "share", made["slug"], "--with", "fri")

    assert [(each["kind"], each["role"]) for each in shared["grants"]] == [
        ("user", "editor"),
        ("everyone", "viewer"),
    ]
    assert (code, nobody["code"]) == (2, "usage")
    assert catalog.collections.role_of(friend, made["collection_id"]) == "editor"
    _, taken = run(capsys, "share", made["slug"], "--with", "friend", "--role", "none")
    assert [each["kind"] for each in taken["grants"]] == ["everyone"]
    assert run(capsys, "delete", made["slug"]) == (0, {"deleted": made["slug"]})
    assert made["slug"] not in [each["slug"] for each in run(capsys, "list")[1]["collections"]]
    catalog.close()


def test_settings_are_set_shown_and_set_back(capsys: pytest.CaptureFixture[str]) -> None:
    _, made = run(capsys, "create", "Scans")
    name = made["slug"]

    _, changed = run(
        capsys, "set", name, "--ocr-language", "kor", "--ocr-language", "eng",
        "--chunk-tokens", "96", "--embedder", "offline", "--prompt", "Be brief.",
    )  # fmt: skip
    _, back = run(capsys, "set", name, "--ocr-language", "default", "--chunk-tokens", "default")
    code, refused = run(capsys, "set", name, "--chunk-tokens", "few")

    assert (changed["ocr_languages"], changed["chunk_tokens"]) == (["kor", "eng"], 96)
    assert (changed["embedder"], changed["prompt"]) == ("offline", "Be brief.")
    assert (back["ocr_languages"], back["chunk_tokens"]) == ([], None)
    assert back["prompt"] == "Be brief."
    assert (code, refused["code"]) == (2, "usage")


def test_documents_are_listed_in_an_order(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    made = run(capsys, "create", "Sorted")[1]
    catalog = open_catalog(Settings(home=home))
    for name in ("b.txt", "a.txt"):
        reserved = catalog.documents.reserve(made["collection_id"], made["owner_id"], name)
        catalog.documents.confirm(reserved.document_id, 1, size_bytes=1, sha256=name)
    catalog.close()

    def listed(order: str) -> list[str]:
        with pytest.raises(SystemExit):
            cli.main(["documents", "list", "--collection", "sorted", "--sort", order, "--json"])
        return [each["name"] for each in json.loads(capsys.readouterr().out)["documents"]]

    assert (listed("name"), listed("-name")) == (["a.txt", "b.txt"], ["b.txt", "a.txt"])
