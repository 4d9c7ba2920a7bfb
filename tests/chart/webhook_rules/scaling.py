"""Annotations of the autoscaler. serving:pkg/apis/autoscaling/annotation_validation.go."""

from collections.abc import Callable, Iterator, Mapping

from tests.chart.webhook_rules.durations import go_seconds

PREFIX = "autoscaling.knative.dev/"
_KPA, _HPA = f"kpa.{PREFIX[:-1]}", f"hpa.{PREFIX[:-1]}"
_WINDOW_MIN_S, _WINDOW_MAX_S = 6, 3600


def scaling_annotations(annotations: Mapping[str, str]) -> Iterator[str]:
    """Yield the refusals of the annotations of a Service's template."""
    given = {
        name.removeprefix(PREFIX): value
        for name, value in annotations.items()
        if name.startswith(PREFIX)
    }
    for name in given.keys() - _VALUES.keys():
        yield f"{PREFIX}{name}: no annotation of the autoscaler (the real one would ignore it)"
    for name, is_valid in _VALUES.items():
        if name in given and not is_valid(given[name]):
            yield f"{PREFIX}{name}: {given[name]!r} is not allowed"
    yield from _metric(given)
    yield from _order(given)


def _metric(given: Mapping[str, str]) -> Iterator[str]:
    metric = given.get("metric")
    if metric is None:
        return
    scaler = given.get("class", _KPA)
    if (scaler == _KPA and metric not in {"concurrency", "rps"}) or not metric:
        yield f"{PREFIX}metric: {metric!r} is not allowed for {scaler}"


def _order(given: Mapping[str, str]) -> Iterator[str]:
    try:
        low, high = int(given.get("min-scale", 0)), int(given.get("max-scale", 0))
    except ValueError:
        return
    if high and high < low:
        yield f"max-scale {high} is less than min-scale {low}"


def _integer(low: int) -> Callable[[str], bool]:
    return lambda text: text.isdecimal() and low <= int(text) < 2**31


def _number(low: float, high: float = float("inf")) -> Callable[[str], bool]:
    def is_valid(text: str) -> bool:
        try:
            return low <= float(text) <= high
        except ValueError:
            return False

    return is_valid


def _duration(low_s: float, *, whole: bool) -> Callable[[str], bool]:
    def is_valid(text: str) -> bool:
        seconds = go_seconds(text)
        return (
            seconds is not None
            and low_s <= seconds <= _WINDOW_MAX_S
            and (not whole or seconds == int(seconds))
        )

    return is_valid


_VALUES: Mapping[str, Callable[[str], bool]] = {
    "class": lambda text: not text.endswith(PREFIX[:-1]) or text in {_KPA, _HPA},
    "metric": bool,
    "min-scale": _integer(0),
    "max-scale": _integer(0),
    "initial-scale": _integer(1),  # 0 only with allow-zero-initial-scale, which is off
    "activation-scale": _integer(2),
    "target": _number(0.01),
    "target-utilization-percentage": _number(1, 100),
    "target-burst-capacity": lambda text: text == "-1" or _number(0)(text),
    "panic-window-percentage": _number(1, 100),
    "panic-threshold-percentage": _number(110, 1000),
    "window": _duration(_WINDOW_MIN_S, whole=True),
    "scale-down-delay": _duration(0, whole=True),
    "scale-to-zero-pod-retention-period": _duration(0, whole=False),
}
