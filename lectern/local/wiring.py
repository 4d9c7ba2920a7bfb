"""The wiring of events to functions, read from the chart's own values.

`chart/values.yaml` stands beside the package: in a checkout, and in an installation, where it is
package data. So what `lectern up` does cannot drift from what the chart installs. Keys that only a
cluster needs are skipped; which keys there may be at all is for the chart's own schema to say.
"""

import importlib.util
import os
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from lectern.errors import InvalidRequest


class _Values(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")


class DeliveryPolicy(_Values):
    """How often and for how long a delivery is tried: `delivery` of a Knative Trigger."""

    retry: Annotated[int, Field(ge=0)]
    backoff_policy: Literal["exponential", "linear"]
    backoff_delay: timedelta
    timeout: timedelta

    def backoff_s(self, retry: int) -> float:
        """Return the seconds to wait before the given retry, the first of which is 0.

        linear: delay x n; exponential: delay x 2^n (knative/eventing,
        `pkg/kncloudevents/retries.go`, `RetryConfigFromDeliverySpec`). `Retry-After` is not
        looked at: Knative honours it only with `retryAfterMax`, behind a flag that is off.
        """
        factor = retry if self.backoff_policy == "linear" else 2**retry
        return self.backoff_delay.total_seconds() * factor


class FunctionWiring(_Values):
    """What one function consumes and how many requests it takes at once."""

    events: tuple[str, ...] = ()
    concurrency: Annotated[int, Field(ge=1, le=1000)]
    timeout_seconds: Annotated[int, Field(ge=1, le=600)]
    max_scale: Annotated[int, Field(ge=0)] = 1
    delivery: DeliveryPolicy | None = None

    @property
    def instances(self) -> int:
        """How many processes of it this machine may run.

        A function that takes one request at a time gets one process per processor, if the chart
        lets it have as many. The others use threads.
        """
        if self.concurrency > 1:
            return 1
        processors = os.cpu_count() or 1
        return min(self.max_scale or processors, processors)


class Wiring(_Values):
    """Which function gets which events, under which rules."""

    delivery: DeliveryPolicy
    dead_letter_sink: str
    functions: Mapping[str, FunctionWiring]

    @model_validator(mode="after")
    def _sink_is_a_function(self) -> Self:
        if self.dead_letter_sink not in self.functions:
            message = f"deadLetterSink {self.dead_letter_sink!r} is none of the functions"
            raise ValueError(message)
        return self

    def policy_of(self, function: str) -> DeliveryPolicy:
        """Return how events are delivered to `function`.

        A Trigger's own delivery replaces the Broker's as a whole (knative/eventing,
        `pkg/reconciler/broker/trigger/trigger.go`).
        """
        return self.functions[function].delivery or self.delivery

    @cached_property
    def event_driven(self) -> frozenset[str]:
        """The functions that consume events; they run as workers, started on demand."""
        return frozenset(name for name, function in self.functions.items() if function.events)

    def subscribers(self, event_type: str) -> tuple[str, ...]:
        """Return the functions that want events of this type, in the chart's order."""
        return tuple(
            name for name, function in self.functions.items() if event_type in function.events
        )


def load_wiring(path: Path | None = None) -> Wiring:
    """Return the wiring in `path`, by default the chart's values beside this package.

    Raises:
        InvalidRequest: The file is missing or does not fit.
    """
    path = path or Path(__file__).resolve().parents[2] / "chart" / "values.yaml"
    try:
        values: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Wiring.model_validate(values)
    except OSError as error:
        raise InvalidRequest(
            f"the wiring {str(path)!r} cannot be read; reinstall Lectern", code="no_wiring"
        ) from error
    except (ValidationError, yaml.YAMLError) as error:
        raise InvalidRequest(f"{str(path)!r} is invalid: {error}", code="invalid_wiring") from error


def function_source(function: str) -> tuple[str, Path]:
    """Return target and source of a function, as its container gives them to functions-framework.

    Raises:
        InvalidRequest: It is not installed.
    """
    target = function.replace("-", "_")
    package = importlib.util.find_spec("functions")
    for folder in (package.submodule_search_locations or ()) if package else ():
        source = Path(folder) / target / "main.py"
        if source.is_file():
            return target, source
    raise InvalidRequest(
        f"there is no function {function!r}; reinstall Lectern", code="no_function"
    )
