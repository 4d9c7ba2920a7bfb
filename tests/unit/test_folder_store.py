"""What a folder of this machine brings with it that a bucket does not."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lectern.errors import InvalidRequest, PermanentError, SourceGone
from lectern.objects.folder import FolderStore


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(root: Path) -> FolderStore:
    return FolderStore(
        root,
        links_base_url="http://127.0.0.1/catalog",
        signing_secret=lambda: b"secret",
        keep_folders=("inbox",),
    )


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def test_a_symbolic_link_never_leads_out(store: FolderStore, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    store.write("inbox/mine", b"mine")
    (root / "inbox" / "folder").symlink_to(outside)
    (root / "inbox" / "file").symlink_to(outside / "secret")

    assert [info.key for info in store.list("")] == ["inbox/mine"]
    assert list(store.list("inbox/folder/")) == []
    with pytest.raises(SourceGone):
        store.read("inbox/file")
    with pytest.raises(SourceGone):
        store.info("inbox/file")
    for forbidden in (store.read, store.info, lambda key: store.write(key, b"changed")):
        with pytest.raises(InvalidRequest, match="symbolic link"):
            forbidden("inbox/folder/secret")
    with pytest.raises(InvalidRequest):
        store.delete(["inbox/folder/secret"])
    store.write("inbox/file", b"replaces the link, not its target")
    assert (outside / "secret").read_text() == "secret"


def test_pipes_and_folders_are_no_objects(store: FolderStore, root: Path) -> None:
    store.write("inbox/a/b", b"")
    os.mkfifo(root / "inbox" / "pipe")

    assert [info.key for info in store.list("")] == ["inbox/a/b"]
    for key in ("inbox/pipe", "inbox/a"):
        with pytest.raises(SourceGone):
            store.read(key)


def test_files_whose_names_are_no_keys_are_left_alone(store: FolderStore, root: Path) -> None:
    store.write("inbox/a", b"")
    for name in (b"back\\slash", b"new\nline", b"not-utf8-\xff"):
        Path(os.fsdecode(bytes(root / "inbox") + b"/" + name)).touch()

    assert [info.key for info in store.list("inbox/")] == ["inbox/a"]


def test_a_key_cannot_be_the_folder_of_another(store: FolderStore) -> None:
    store.write("a/b", b"")

    with pytest.raises(InvalidRequest, match="folder"):
        store.write("a", b"")
    with pytest.raises(InvalidRequest, match="folder"):
        store.write("a/b/c", b"")
    assert store.claim("a", b"") is False


def test_empty_folders_go_but_those_of_people_stay(store: FolderStore, root: Path) -> None:
    store.write("uploads/c/d/1/file", b"")
    store.write("inbox/papers/file", b"")
    store.delete(["uploads/c/d/1/file", "inbox/papers/file"])

    assert files(root) == {".lectern-incoming", "inbox", "inbox/papers"}


def test_objects_can_be_read_by_their_owner_only(store: FolderStore, root: Path) -> None:
    store.write("a", b"")

    assert (root / "a").stat().st_mode & 0o777 == 0o600


def test_a_writer_killed_midway_leaves_no_object(store: FolderStore, root: Path) -> None:
    script = """
import sys
from pathlib import Path
from lectern.objects.folder import FolderStore

class Endless:
    def read(self, size):
        print("reading", flush=True)
        return b"x" * size

store = FolderStore(Path(sys.argv[1]), links_base_url="", signing_secret=bytes)
store.write_stream("uploads/half", Endless())
"""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(root)], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        for _ in range(3):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        writer.wait()

    (left,) = (root / ".lectern-incoming").iterdir()
    assert list(store.list("")) == []
    store.write("uploads/half", b"whole")
    assert store.read("uploads/half") == b"whole"
    assert left.exists(), "it may belong to a writer that lives"
    os.utime(left, (0, 0))
    FolderStore(root, links_base_url="", signing_secret=bytes).write("later", b"")
    assert not left.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is denied to root")
def test_denied_access_says_what_to_look_at(store: FolderStore, root: Path) -> None:
    store.write("a", b"")
    (root / "a").chmod(0)

    with pytest.raises(PermanentError, match="owner and mode"):
        store.read("a")
