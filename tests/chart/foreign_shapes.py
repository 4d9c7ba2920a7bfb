"""Fields of other operators' kinds, as far as the chart uses them: a typo in one is an error.

Their CRDs are large and not at hand, so the fields are listed by hand: those the chart sets, as the
operators' documentation names them (Prometheus operator, Gateway API, CloudNativePG, External
Secrets, Knative's RabbitMQ Broker, Google Kubernetes Engine), not checked against those CRDs.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_RELABELED = "interval scrapeTimeout path scheme relabelings metricRelabelings honorLabels"
FIELDS: Mapping[str, Mapping[str, str]] = {  # kind -> place -> fields there
    "ServiceMonitor": {
        "spec": "selector namespaceSelector endpoints jobLabel targetLabels podTargetLabels",
        "spec.endpoints": f"port targetPort {_RELABELED}",
    },
    "PodMonitor": {
        "spec": "selector namespaceSelector podMetricsEndpoints jobLabel podTargetLabels",
        "spec.podMetricsEndpoints": f"port portNumber targetPort {_RELABELED}",
    },
    "PrometheusRule": {
        "spec": "groups",
        "spec.groups": "name interval rules",
        "spec.groups.rules": "alert record expr for keep_firing_for labels annotations",
    },
    "HTTPRoute": {
        "spec": "parentRefs hostnames rules",
        "spec.parentRefs": "group kind name namespace sectionName port",
        "spec.rules": "name matches filters backendRefs timeouts retry sessionPersistence",
        "spec.rules.backendRefs": "group kind name namespace port weight filters",
        "spec.rules.timeouts": "request backendRequest",
    },
    "ReferenceGrant": {"spec": "from to", "spec.from": "group kind namespace"},
    "ExternalSecret": {
        "spec": "refreshInterval refreshPolicy secretStoreRef target data dataFrom",
        "spec.secretStoreRef": "name kind",
        "spec.target": "name creationPolicy deletionPolicy template immutable",
        "spec.data": "secretKey remoteRef sourceRef",
        "spec.data.remoteRef": "key property version decodingStrategy conversionStrategy",
        "spec.dataFrom": "extract find rewrite sourceRef",
    },
    "Cluster": {
        "spec": "instances imageName storage walStorage resources postgresql bootstrap backup "
        "monitoring affinity superuserSecret enableSuperuserAccess priorityClassName",
        "spec.storage": "size storageClass resizeInUseVolumes pvcTemplate",
        "spec.postgresql": "parameters pg_hba shared_preload_libraries synchronous",
        "spec.bootstrap": "initdb recovery pg_basebackup",
        "spec.bootstrap.initdb": "database owner secret encoding dataChecksums",
    },
    "RabbitmqBrokerConfig": {
        "spec": "rabbitmqClusterReference queueType vhost",
        "spec.rabbitmqClusterReference": "name namespace connectionSecret",
    },
    "BackendConfig": {
        "spec": "timeoutSec connectionDraining healthCheck sessionAffinity cdn securityPolicy",
        "spec.sessionAffinity": "affinityType affinityCookieTtlSec",
        "spec.connectionDraining": "drainingTimeoutSec",
        "spec.healthCheck": "checkIntervalSec timeoutSec healthyThreshold unhealthyThreshold type "
        "requestPath port",
    },
    "ManagedCertificate": {"spec": "domains"},
}


def foreign_errors(obj: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields of `obj` that its kind does not have; one error for an unknown kind."""
    places = FIELDS.get(obj["kind"])
    if places is None:
        yield f"{obj['apiVersion']} {obj['kind']}: no kind that these tests know"
        return
    for place, names in places.items():
        for value in _at(obj, place.split(".")):
            for unknown in value.keys() - set(names.split()):
                yield f"{obj['kind']}.{place}.{unknown}: no such field"


def _at(node: Any, path: list[str]) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, list):
        for each in node:
            yield from _at(each, path)
    elif isinstance(node, dict):
        if not path:
            yield node
        elif path[0] in node:
            yield from _at(node[path[0]], path[1:])
