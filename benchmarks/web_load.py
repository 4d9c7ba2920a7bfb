"""Fifty signed-in people ask at once: does every answer arrive, how fast, and at what cost?

No browser: each session speaks Streamlit's own protocol (protobuf over a websocket) as a page does,
with the fragment reruns that draw a live answer. The chat model is a script on loopback that
streams 60 tokens. Answers complete and dropped; seconds to the first token and to the end as a page
sees them; CPU seconds of each process for an answer; memory of an idle session.
"""

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.cold_start import tree
from benchmarks.web_rerun import cpu_s, resident_kb, samples_ready
from lectern.api import GrantRequest, UserRequest
from lectern.client import Lectern
from tests.e2e.lectern_up import LecternUp, lectern_up
from tests.provider.chat import Script, ScriptedChat
from web.configuration import WebSettings
from web.sealing import SESSION_COOKIE, Visitor, seal_of

SESSIONS = 50
SESSIONS_OF_ONE = 5  # a person may have as many answers running
FIRST_TOKEN_S = 0.3
BETWEEN_TOKENS_S = 0.03
LAST_WORDS = "and here it ends"
TOKENS = (*(f"word{number} " for number in range(55)), "[1] ", "and ", "here ", "it ", "ends.")
CURSOR = " ▍"
PASSWORD = "five brisk otters"  # noqa: S105 - of people who live as long as the measurement
START_S = 60
LONGEST_S = 100  # of everything that is measured, so that it ends by itself
AIMS = {"dropped": 0, "idle_session_kb": 1024, "session_after_answer_kb": 1024}


@dataclass(slots=True)
class Asked:
    """What one page saw of its answer, in seconds after the question."""

    first_token_s: float = 0.0
    done_s: float = 0.0
    error: str = ""


@dataclass(slots=True)
class Page:
    """A page in a session: what a browser would remember of it between two runs."""

    socket: ClientConnection
    query: str = ""
    input_id: str = ""
    timers: dict[str, float] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    async def run(self, *, fragment: str = "", question: str = "") -> None:
        """Ask for a run of the page, or of a fragment, and take in what it draws."""
        asked = BackMsg()
        asked.rerun_script.query_string = self.query
        asked.rerun_script.fragment_id = fragment
        asked.rerun_script.is_auto_rerun = bool(fragment)
        asked.rerun_script.widget_states.SetInParent()
        if question:
            state = asked.rerun_script.widget_states.widgets.add(id=self.input_id)
            state.chat_input_value.data = question
        await self.socket.send(asked.SerializeToString())
        while not self._take(await self._next()):
            pass

    async def _next(self) -> ForwardMsg:
        message = ForwardMsg()
        message.ParseFromString(await self.socket.recv(decode=False))
        return message

    def _take(self, message: ForwardMsg) -> bool:
        """Take in a message; return whether the run has ended, and none follows it at once."""
        match message.WhichOneof("type"):
            case "new_session" if not message.metadata.run.fragment_ids:
                self.timers.clear()
                self.texts.clear()
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "auto_rerun":
                self.timers[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            case "delta":
                element = message.delta.new_element
                match element.WhichOneof("type"):
                    case "markdown":
                        self.texts.append(element.markdown.body)
                    case "chat_input":
                        self.input_id = element.chat_input.id
                    case "alert":
                        self.texts.append(element.alert.body)
            case "script_finished":
                return message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        return False

    async def ask(self, question: str) -> Asked:
        """Ask, and look on as the live fragment does until the answer has settled."""
        seen, began = Asked(), time.monotonic()
        await self.run(question=question)
        while self.timers:
            if not seen.first_token_s and any(CURSOR in text for text in self.texts):
                seen.first_token_s = time.monotonic() - began
            fragment, interval = next(iter(self.timers.items()))
            await asyncio.sleep(interval)
            await self.run(fragment=fragment)
        seen.done_s = time.monotonic() - began
        seen.first_token_s = seen.first_token_s or seen.done_s
        if not any(LAST_WORDS in text for text in self.texts):
            seen.error = self.texts[-1] if self.texts else "nothing was drawn"
        return seen


def main() -> dict[str, Any]:
    """Measure; ends by itself within three minutes."""
    script = Script(pieces=TOKENS, first_token_s=FIRST_TOKEN_S, between_s=BETWEEN_TOKENS_S)
    with tempfile.TemporaryDirectory() as folder, ScriptedChat(script).running() as model:
        environment = {
            "LECTERN_WEB": "true",
            "LECTERN_WEB_PORT": "0",
            "LECTERN_CHAT_URL": model.url,
            "LECTERN_CHAT_MODEL": "scripted",
        }
        with lectern_up(Path(folder) / "home", environment) as up:
            up.eventually(lambda: samples_ready(up), timeout_s=START_S)
            tokens = people(up, SESSIONS // SESSIONS_OF_ONE)
            return asyncio.run(_measured(up, tokens))


def people(up: LecternUp, count: int) -> Sequence[str]:
    """Make so many people who may read everything; return a session token of each."""
    tokens = []
    with up.client() as owner:
        for collection in owner.collections.list():
            everyone = GrantRequest(kind="everyone", role="viewer")
            owner.collections.share(collection.collection_id, [everyone])
        for number in range(count):
            name = f"reader-{number}"
            given = owner.users.create(UserRequest(name=name)).temporary_password or ""
            with Lectern(up.function_url) as stranger:
                token = stranger.account.login(name, given).token
            with Lectern(up.function_url, token) as reader:
                reader.account.change_password(given, PASSWORD)
            tokens.append(token)
    return tokens


async def _measured(up: LecternUp, tokens: Sequence[str]) -> dict[str, Any]:
    [pid], [front] = up.pids("web"), up.pids("front")
    pids = {"web": [pid], "front": tree(front)}  # catalog, retrieve and answer are in the front
    async with asyncio.timeout(LONGEST_S), contextlib.AsyncExitStack() as stack:
        await (await stack.enter_async_context(_page(up, tokens[0]))).run()
        before_kb = resident_kb(pid)
        pages = []
        for number in range(SESSIONS):
            page = await stack.enter_async_context(_page(up, tokens[number % len(tokens)]))
            await page.run()
            pages.append(page)
        idle_kb = (resident_kb(pid) - before_kb) / SESSIONS
        before_s = {name: sum(map(cpu_s, each)) for name, each in pids.items()}
        asked = await asyncio.gather(
            *(page.ask(f"What does the handbook say, {n}?") for n, page in enumerate(pages))
        )
        spent_s = {n: sum(map(cpu_s, each)) - before_s[n] for n, each in pids.items()}
        after_kb = (resident_kb(pid) - before_kb) / SESSIONS
    errors = [each.error for each in asked if each.error]
    return {
        "sessions": len(asked),
        "people": len(tokens),
        "complete": len(asked) - len(errors),
        "dropped": len(errors),
        "why_dropped": sorted(set(errors)),
        "first_token_s": _percentiles([each.first_token_s for each in asked]),
        "done_s": _percentiles([each.done_s for each in asked]),
        "cpu_s_per_answer": {
            name: round(each_s / len(asked), 3) for name, each_s in spent_s.items()
        },
        "idle_session_kb": round(idle_kb, 1),
        "session_after_answer_kb": round(after_kb, 1),
        "aims": AIMS,
    }


@contextlib.asynccontextmanager
async def _page(up: LecternUp, token: str) -> AsyncIterator[Page]:
    visitor = Visitor.fresh(token=token)
    cookie = seal_of(WebSettings(home=up.home)).close(visitor)
    address = urlsplit(up.running.web)
    async with connect(
        f"ws://{address.netloc}/_stcore/stream",
        additional_headers={"Cookie": f"{SESSION_COOKIE}={cookie}"},
        origin=f"http://{address.netloc}",  # type: ignore[arg-type]  # a NewType of str
        subprotocols=["streamlit"],  # type: ignore[list-item]  # the same
        max_size=None,
        ping_interval=None,
    ) as socket:
        yield Page(socket)


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    cut = statistics.quantiles(values, n=20, method="inclusive")
    return {"p50": round(cut[9], 2), "p95": round(cut[18], 2)}
