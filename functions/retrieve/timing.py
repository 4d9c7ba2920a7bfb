"""How long each step of a search took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Timings:
    """Milliseconds by step. Steps of one name that run side by side count as the longest."""

    milliseconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        started = time.perf_counter()
        try:
            yield
        finally:
            took = round((time.perf_counter() - started) * 1000, 2)
            self.milliseconds[name] = max(took, self.milliseconds.get(name, 0.0))
