"""When upkeep is due on one machine."""

import json
from collections.abc import Callable

from lectern.local.broker import Broker
from lectern.local.rules import Answer, Message
from lectern.local.timers import Timers
from lectern.local.wiring import load_wiring

EVENT = {
    "ce-specversion": "1.0",
    "ce-id": "e1",
    "ce-type": "dev.lectern.part.embedded.v1",
    "ce-source": "/lectern/embed",
    "content-type": "application/json",
}


class Now:
    """Lanes that run everything at once."""

    def run(self, lane: str, job: Callable[[], None]) -> None:
        del lane
        job()

    def later(self, delay_s: float, job: Callable[[], None]) -> None:
        del delay_s
        job()


class Clockwork:
    def __init__(self) -> None:
        self.now = 0.0
        self.tasks: list[str] = []
        self.ids: list[str] = []
        self.broker = Broker(load_wiring(), self._deliver, Now())
        self.timers = Timers(self.broker, lately_s=1000, clock=lambda: self.now)

    def _deliver(self, function: str, message: Message, timeout_s: float) -> Answer:
        del function, timeout_s
        if message.event_type == "dev.lectern.maintenance.due.v1":
            self.tasks.append(json.loads(message.body)["task"])
            self.ids.append(message.event_id)
        return Answer(204, {})

    def pass_time(self, seconds: int) -> list[str]:
        before = len(self.tasks)
        for _ in range(seconds):
            self.now += 1
            self.timers.tend()
        return self.tasks[before:]


def test_a_sweep_is_due_every_minute_after_events() -> None:
    clock = Clockwork()
    clock.broker.accept(EVENT, b"{}")

    assert clock.pass_time(300).count("sweep") == 5


def test_a_quiet_machine_is_swept_every_quarter_of_an_hour() -> None:
    clock = Clockwork()
    clock.pass_time(2000)

    assert clock.pass_time(1800) == ["sweep", "sweep"]


def test_optimizing_is_due_only_after_a_change() -> None:
    clock = Clockwork()
    quiet = clock.pass_time(1200)

    clock.broker.accept(EVENT, b"{}")

    assert "optimize" not in quiet
    assert clock.pass_time(1300).count("optimize") == 1


def test_every_tick_is_an_event_of_its_own() -> None:
    clock = Clockwork()
    clock.broker.accept(EVENT, b"{}")
    clock.pass_time(300)

    assert len(set(clock.ids)) == len(clock.ids)
