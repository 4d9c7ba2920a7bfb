"""What the folder watch announces, and when."""

import json
import os
from pathlib import Path

from lectern.local.watch import FolderWatch, inbox_folder, notification
from lectern.settings import Settings


class Desk:
    """A folder, a clock, and an intake that takes what it is told to take."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 0.0
        self.open = True
        self.announced: list[str] = []
        self.watch = FolderWatch(folder, self._announce, clock=lambda: self.now)

    def _announce(self, path: Path, key: str) -> bool:
        assert path.is_file()
        self.announced.append(key)
        return self.open

    def put(self, name: str, text: str = "text") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def look(self, times: int = 1) -> list[str]:
        for _ in range(times):
            self.now += 1
            self.watch.look()
        return self.announced


def test_a_file_is_announced_once_when_it_rests(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.put("handbook/travel.pdf")

    first = list(desk.look())

    assert first == []
    assert desk.look(5) == ["inbox/handbook/travel.pdf"]


def test_a_file_that_still_grows_is_left_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for size in range(1, 5):
        desk.put("big.pdf", "x" * size)
        desk.look()

    assert desk.announced == []


def test_a_changed_file_is_announced_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.put("a.txt", "one")
    desk.look(2)

    os.utime(desk.put("a.txt", "other text"), ns=(1, 1))

    assert desk.look(2) == ["inbox/a.txt", "inbox/a.txt"]


def test_unfinished_hidden_empty_and_linked_files_are_not_documents(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "inbox")
    for name in (".hidden", "~$open.docx", "film.mp4.crdownload", "a.part", ".git/config"):
        desk.put(name)
    desk.put("empty.txt", "")
    secret = tmp_path / "secret.txt"
    secret.write_text("not for the index")
    (desk.folder / "link.txt").symlink_to(secret)

    assert desk.look(3) == []


def test_what_intake_cannot_take_now_is_announced_again_later(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open = False
    desk.put("a.txt")
    desk.look(5)
    refused = len(desk.announced)

    desk.open = True
    desk.look(20)

    assert refused == 1
    assert desk.announced == ["inbox/a.txt", "inbox/a.txt"]
    assert (tmp_path / "a.txt").exists()


def test_a_folder_that_vanishes_is_no_error(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "gone")

    assert desk.look(2) == []


def test_the_notification_is_what_minio_sends() -> None:
    message = json.loads(notification("inbox/handbook/연차 휴가.pdf"))

    assert message["EventName"] == "s3:ObjectCreated:Put"
    assert message["Records"][0]["s3"]["object"]["key"].startswith("inbox%2Fhandbook%2F")


def test_the_watched_folder_is_the_stores_inbox_or_the_one_that_is_set(tmp_path: Path) -> None:
    assert inbox_folder(Settings(store=str(tmp_path))) == tmp_path / "inbox"
    assert inbox_folder(Settings(store="s3://bucket")) is None
    assert inbox_folder(Settings(store="s3://bucket", inbox=str(tmp_path))) == tmp_path
