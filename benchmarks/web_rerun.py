"""What a rerun of the chat page costs the web process, spoken to over its own protocol.

CPU milliseconds of the web process for one full rerun (a click that changes nothing), bytes sent
to the browser, and memory of an idle session. CPU time barely depends on how busy the machine is.
"""

import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from lectern.api import AnswerRequest
from lectern.local.home import Home
from tests.e2e.lectern_up import LecternUp, lectern_up
from web.configuration import WebSettings
from web.sealing import SESSION_COOKIE, Visitor, seal_of

TURNS = (0, 2, 20)
RERUNS = 60
ROUNDS = 3
IDLE_SESSIONS = 20
TICK_S = 0.01  # of /proc/<pid>/stat
PATIENCE_S = 60
QUESTION = "Who may read a document?"


def main() -> dict[str, Any]:
    """Measure the empty page, a short and a long conversation, and idle sessions."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"LECTERN_WEB": "true", "LECTERN_WEB_PORT": "0"}
        with lectern_up(Path(folder) / "home", environment) as up:
            up.eventually(lambda: samples_ready(up), timeout_s=PATIENCE_S)
            [pid] = up.pids("web")
            pages = {f"{turns}_turns": _page(up, pid, turns) for turns in TURNS}
            return {"rerun": pages, "idle_session_kb": _idle_session(up, pid)}


def _page(up: LecternUp, pid: int, turns: int) -> dict[str, float]:
    query = f"c={_conversation(up, turns)}" if turns else ""
    with _session(up) as socket:
        _rerun(socket, query)
        _rerun(socket, query)
        costs, sizes = [], []
        for _ in range(ROUNDS):
            before = cpu_s(pid)
            sizes += [_rerun(socket, query) for _ in range(RERUNS)]
            costs.append((cpu_s(pid) - before) / RERUNS * 1000)
    return {
        "cpu_ms": round(statistics.median(costs), 1),
        "bytes": round(statistics.median(sizes)),
    }


def _idle_session(up: LecternUp, pid: int) -> float:
    with contextlib.ExitStack() as stack:
        _rerun(stack.enter_context(_session(up)), "")
        before = resident_kb(pid)
        for _ in range(IDLE_SESSIONS):
            _rerun(stack.enter_context(_session(up)), "")
        return round((resident_kb(pid) - before) / IDLE_SESSIONS, 1)


def _conversation(up: LecternUp, turns: int) -> str:
    conversation_id = "new"
    with up.client() as lectern:
        for _ in range(turns):
            request = AnswerRequest(question=QUESTION, conversation_id=conversation_id)
            conversation_id = lectern.answer_once(request).conversation_id
    return conversation_id


@contextlib.contextmanager
def _session(up: LecternUp) -> Iterator[ClientConnection]:
    settings = WebSettings(home=up.home)
    visitor = Visitor.fresh(token=Home(up.home).owner_token())
    address = urlsplit(up.running.web)
    with connect(
        f"ws://{address.netloc}/_stcore/stream",
        additional_headers={"Cookie": f"{SESSION_COOKIE}={seal_of(settings).close(visitor)}"},
        origin=f"http://{address.netloc}",  # type: ignore[arg-type]  # a NewType of str
        subprotocols=["streamlit"],  # type: ignore[list-item]  # the same
        max_size=None,
    ) as socket:
        yield socket


def _rerun(socket: ClientConnection, query: str) -> int:
    """Ask for a full run and wait for its end; return the bytes that came."""
    asked = BackMsg()
    asked.rerun_script.query_string = query
    asked.rerun_script.page_script_hash = ""
    socket.send(asked.SerializeToString())
    size = 0
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        data = socket.recv(PATIENCE_S, decode=False)
        size += len(data)
        message = ForwardMsg()
        message.ParseFromString(data)
        if message.WhichOneof("type") == "script_finished":
            return size
    raise TimeoutError("the run did not end")


def samples_ready(up: LecternUp) -> bool:
    with up.client() as lectern:
        found = lectern.collections.list()
        documents = [d for each in found for d in lectern.documents.all(each.collection_id)]
    return bool(documents) and all(document.state == "ready" for document in documents)


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def resident_kb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return float(line.split()[1])
    raise ProcessLookupError(pid)
