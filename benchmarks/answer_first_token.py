"""What Lectern adds to the wait for an answer's first word, beside the search and the model.

The model is a script on loopback that speaks at once, so that nothing of its own hides anything.
The floor is the same request, message by message, by OpenAI's SDK on a warm connection, in turns
with the questions. `overhead` is first token as the caller of `POST /v1/answer` sees it, less the
search it waited for (`timings_ms.retrieve`), less the floor. Milliseconds.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

from openai import OpenAI

from benchmarks.retrieve_speed import percentiles
from benchmarks.web_rerun import samples_ready
from lectern.api import AnswerReply, AnswerRequest
from lectern.client import Lectern
from tests.e2e.lectern_up import lectern_up
from tests.provider.chat import Script, ScriptedChat

QUESTIONS = 60
WARM_UP = 10
START_S = 60
AIMS = {"overhead_p50_ms": 50}
QUESTION = "How large may a file be on day {number}?"


def main() -> dict[str, Any]:
    """Measure, first-time questions only; ends by itself within two minutes."""
    script = Script(text="A file may be as large as the handbook says [1].", piece_characters=4)
    with tempfile.TemporaryDirectory() as folder, ScriptedChat(script).running() as model:
        environment = {"LECTERN_CHAT_URL": model.url, "LECTERN_CHAT_MODEL": "scripted"}
        with lectern_up(Path(folder) / "home", environment) as up, up.client() as lectern:
            up.eventually(lambda: samples_ready(up), timeout_s=START_S)
            return _measured(lectern, model)


def _measured(lectern: Lectern, model: ScriptedChat) -> dict[str, Any]:
    bare = OpenAI(base_url=model.url, api_key="none")
    samples: dict[str, list[float]] = {"answer": [], "search": [], "bare_call": [], "overhead": []}
    for number in range(WARM_UP + QUESTIONS):
        first_ms, reply = _asked(lectern, QUESTION.format(number=number))
        search_ms = reply.timings_ms["retrieve"]
        floor_ms = _first_token_ms(bare, model.requests[-1].body)
        if number < WARM_UP:
            continue
        samples["answer"].append(first_ms)
        samples["search"].append(search_ms)
        samples["bare_call"].append(floor_ms)
        samples["overhead"].append(first_ms - search_ms - floor_ms)
    return {name: percentiles(values) for name, values in samples.items()} | {"aims": AIMS}


def _asked(lectern: Lectern, question: str) -> tuple[float, AnswerReply]:
    began, first_ms = time.perf_counter(), 0.0
    for event in lectern.answer(AnswerRequest(question=question)):
        if event.event == "token" and not first_ms:
            first_ms = (time.perf_counter() - began) * 1000
        if event.event == "done":
            reply = AnswerReply.model_validate(event.data)
            if reply.kind != "generated" or not reply.found:
                raise RuntimeError(f"no model was asked about {question!r}: {reply.warnings}")
            return first_ms, reply
    raise RuntimeError(f"the answer to {question!r} failed")


def _first_token_ms(bare: OpenAI, body: dict[str, Any]) -> float:
    began = time.perf_counter()
    stream = bare.chat.completions.create(**body)
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            took_ms = (time.perf_counter() - began) * 1000
            for _ in stream:  # to its end, so that the connection stays
                pass
            return took_ms
    raise RuntimeError("the scripted model said nothing")


if __name__ == "__main__":
    print(json.dumps(main(), indent=2))
