"""The rules of Knative's admission webhooks, as far as a chart can break them.

Knative's CRDs are open where it matters: of 18 objects that the webhooks refuse, their schemas
catch three. These rules are written after the source of Knative 1.23; each names its place as
`repository:path`. Rules of updates (immutable fields) are no concern of a rendered manifest.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.chart.webhook_rules.eventing import broker, event_policy, trigger
from tests.chart.webhook_rules.service import domain_mapping, service
from tests.chart.webhook_rules.sources import (
    integration_source,
    job_sink,
    ping_source,
    sink_binding,
)

Features = frozenset[str]
"""Names of flags in `config-features` that are enabled beyond what a stock installation has."""

_RULES: Mapping[tuple[str, str], Callable[[dict[str, Any], Features], Iterator[str]]] = {
    ("serving.knative.dev", "Service"): service,
    ("serving.knative.dev", "DomainMapping"): domain_mapping,
    ("eventing.knative.dev", "Broker"): broker,
    ("eventing.knative.dev", "Trigger"): trigger,
    ("eventing.knative.dev", "EventPolicy"): event_policy,
    ("sources.knative.dev", "PingSource"): ping_source,
    ("sources.knative.dev", "SinkBinding"): sink_binding,
    ("sources.knative.dev", "IntegrationSource"): integration_source,
    ("sinks.knative.dev", "JobSink"): job_sink,
}


def refusals(obj: dict[str, Any], features: Features = frozenset()) -> list[str]:
    """Return why the webhooks would refuse `obj`; empty when they would take it."""
    group = obj["apiVersion"].partition("/")[0]
    rules = _RULES.get((group, obj["kind"]))
    return list(rules(obj, features)) if rules else []
