"""The ported webhook rules refuse what the real webhooks refuse, and take what they take."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.webhook_rules import refusals

EXAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "examples" / "knative"
GOOD: Mapping[str, Any] = {
    each["kind"]: each
    for each in yaml.safe_load_all(
        """
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: lectern-parse
  annotations: {serving.knative.dev/rollout-duration: 60s}
  labels: {networking.knative.dev/visibility: cluster-local}
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/min-scale: "0"
        autoscaling.knative.dev/max-scale: "10"
        autoscaling.knative.dev/window: 30s
        autoscaling.knative.dev/target-burst-capacity: "-1"
        serving.knative.dev/progress-deadline: 600s
    spec:
      serviceAccountName: lectern
      automountServiceAccountToken: false
      containerConcurrency: 1
      timeoutSeconds: 600
      responseStartTimeoutSeconds: 600
      containers:
        - name: function
          image: example.org/lectern/functions:1.0.0
          ports: [{name: http1, containerPort: 8080}]
          env: [{name: THREADS, value: "3"}]
          envFrom: [{configMapRef: {name: lectern}}]
          readinessProbe: {httpGet: {path: /readyz}}
          securityContext: {runAsNonRoot: true, capabilities: {drop: [ALL]}}
          volumeMounts: [{name: tmp, mountPath: /tmp}]
      volumes: [{name: tmp, emptyDir: {sizeLimit: 1Gi}}]
---
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata:
  name: lectern
  annotations: {eventing.knative.dev/broker.class: Kafka}
spec:
  config: {apiVersion: v1, kind: ConfigMap, name: lectern-broker}
  delivery: {retry: 8, backoffPolicy: exponential, backoffDelay: PT0.5S, timeout: PT10M}
---
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: {name: lectern-parse}
spec:
  broker: lectern
  filter: {attributes: {type: dev.lectern.document.uploaded.v1}}
  filters:
    - any: [{exact: {type: a}}, {not: {suffix: {subject: .lance}}}]
    - cesql: "(type LIKE 'dev.%' OR NOT EXISTS tenant) AND size IN (1, 2)"
  subscriber:
    ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: lectern-parse}
    uri: /
  delivery:
    deadLetterSink: {uri: "http://maintain.lectern.svc"}
---
apiVersion: sources.knative.dev/v1
kind: PingSource
metadata: {name: lectern-sweep}
spec:
  schedule: "*/15 0-6 1,15 * MON-FRI"
  timezone: Europe/Berlin
  contentType: application/json
  data: '{"task": "sweep"}'
  ceOverrides: {extensions: {task: sweep}}
  sink: {ref: {apiVersion: eventing.knative.dev/v1, kind: Broker, name: lectern}}
---
apiVersion: sources.knative.dev/v1
kind: SinkBinding
metadata: {name: lectern, namespace: lectern-system}
spec:
  subject:
    apiVersion: serving.knative.dev/v1
    kind: Service
    namespace: lectern-system
    selector: {matchLabels: {app: lectern}}
  sink: {ref: {apiVersion: eventing.knative.dev/v1, kind: Broker, name: lectern}}
---
apiVersion: serving.knative.dev/v1beta1
kind: DomainMapping
metadata: {name: lectern.example.org}
spec: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: lectern-web}}
---
apiVersion: sources.knative.dev/v1alpha1
kind: IntegrationSource
metadata: {name: uploads}
spec:
  aws:
    sqs: {arn: "arn:aws:sqs:eu-west-1:1:uploads", region: eu-west-1}
    auth: {serviceAccountName: lectern}
  sink: {uri: "http://intake.lectern.svc"}
"""
    )
}
_CONTAINER = "spec.template.spec.containers.0"
_SCALING = "spec.template.metadata.annotations.autoscaling|knative|dev"
BAD = [  # kind, field ("|" stands for a dot inside a name), value; ... removes the field
    ("Service", "metadata.name", "Lectern.parse"),
    ("Service", "metadata.annotations.autoscaling|knative|dev/min-scale", "1"),
    ("Service", "metadata.annotations.serving|knative|dev/rollout-duration", "soon"),
    ("Service", "metadata.labels.networking|knative|dev/visibility", "private"),
    ("Service", "spec.template.metadata.name", "lectern-parse-v1"),
    ("Service", "spec.template.metadata.annotations.serving|knative|dev/progress-deadline", "1.5s"),
    ("Service", "spec.template.metadata.annotations.features|knative|dev/pvc", "Enabled"),
    ("Service", "spec.template.metadata.annotations.queue|sidecar|knative|dev/cpu", "1"),
    ("Service", f"{_SCALING}/min-scale", 1),
    ("Service", f"{_SCALING}/min-scale", "11"),
    ("Service", f"{_SCALING}/max-scale", "-1"),
    ("Service", f"{_SCALING}/initial-scale", "0"),
    ("Service", f"{_SCALING}/activation-scale", "1"),
    ("Service", f"{_SCALING}/window", "5s"),
    ("Service", f"{_SCALING}/window", "61m"),
    ("Service", f"{_SCALING}/window", "6.5s"),
    ("Service", f"{_SCALING}/scale-down-delay", "2h"),
    ("Service", f"{_SCALING}/metric", "cpu"),
    ("Service", f"{_SCALING}/class", "keda.autoscaling.knative.dev"),
    ("Service", f"{_SCALING}/target", "0"),
    ("Service", f"{_SCALING}/target-utilization-percentage", "101"),
    ("Service", f"{_SCALING}/target-burst-capacity", "-2"),
    ("Service", f"{_SCALING}/minscale", "1"),
    ("Service", "spec.template.spec.timeoutSeconds", 601),
    ("Service", "spec.template.spec.responseStartTimeoutSeconds", 601),
    ("Service", "spec.template.spec.containerConcurrency", 1001),
    ("Service", "spec.template.spec.automountServiceAccountToken", True),
    ("Service", "spec.template.spec.securityContext", {"runAsNonRoot": True}),
    ("Service", "spec.template.spec.nodeSelector", {"disk": "ssd"}),
    ("Service", "spec.template.spec.tolerations", []),
    ("Service", "spec.template.spec.initContainers", [{"image": "example.org/init:1"}]),
    ("Service", "spec.template.spec.terminationGracePeriodSeconds", 30),
    ("Service", "spec.template.spec.containers", []),
    ("Service", "spec.template.spec.volumes.0", {"name": "tmp", "hostPath": {"path": "/"}}),
    ("Service", "spec.template.spec.volumes.0", {"name": "tmp"}),
    ("Service", "spec.template.spec.volumes.0.name", "unmounted"),
    ("Service", f"{_CONTAINER}.image", "x"),
    ("Service", f"{_CONTAINER}.name", "queue-proxy"),
    ("Service", f"{_CONTAINER}.lifecycle", {}),
    ("Service", f"{_CONTAINER}.env.0.name", "PORT"),
    ("Service", f"{_CONTAINER}.env.0", {"name": "A", "valueFrom": {"fieldRef": {}}}),
    ("Service", f"{_CONTAINER}.envFrom.0", {"prefix": "A_"}),
    ("Service", f"{_CONTAINER}.ports.0.name", "http"),
    ("Service", f"{_CONTAINER}.ports.0.containerPort", 8012),
    ("Service", f"{_CONTAINER}.ports", [{"containerPort": 1}, {"containerPort": 2}]),
    ("Service", f"{_CONTAINER}.securityContext.fsGroup", 1),
    ("Service", f"{_CONTAINER}.securityContext.privileged", True),
    ("Service", f"{_CONTAINER}.securityContext.capabilities.add", ["SYS_ADMIN"]),
    ("Service", f"{_CONTAINER}.readinessProbe.failureThreshold", 3),
    ("Service", f"{_CONTAINER}.readinessProbe.httpGet", ...),
    ("Service", f"{_CONTAINER}.readinessProbe.httpGet.port", "web"),
    ("Service", f"{_CONTAINER}.volumeMounts.0.mountPath", "/dev"),
    ("Service", f"{_CONTAINER}.volumeMounts.0.name", "other"),
    ("Service", "spec.template.spec.volumes.0", {"name": "tmp", "secret": {"secretName": "s"}}),
    ("Broker", "metadata.annotations", ...),
    ("Broker", "spec.config.name", ""),
    ("Broker", "spec.delivery.retry", -1),
    ("Broker", "spec.delivery.backoffPolicy", "quadratic"),
    ("Broker", "spec.delivery.backoffDelay", "5s"),
    ("Broker", "spec.delivery.timeout", "PT0S"),
    ("Broker", "spec.delivery.retryAfterMax", "PT2M"),
    ("Broker", "spec.delivery.format", "xml"),
    ("Trigger", "spec.broker", ...),
    ("Trigger", "spec.subscriber", ...),
    ("Trigger", "spec.filter.subscriber", {"uri": "http://x"}),
    ("Trigger", "spec.filter.attributes", {"Type": "a"}),
    ("Trigger", "spec.filter.attributes", {"type": ""}),
    ("Trigger", "spec.filters.0", {"exact": {"type": "a"}, "suffix": {"subject": "b"}}),
    ("Trigger", "spec.filters.0", {"exact": {"my-extension": "a"}}),
    ("Trigger", "spec.filters.0", {"any": []}),
    ("Trigger", "spec.filters.0", {"equals": {"type": "a"}}),
    *(
        ("Trigger", "spec.filters.1.cesql", text)
        for text in ("type LIKE", "type = ", "(a", "a b", "IN (1)", "a IN 1", "EXISTS 1", "'a", "")
    ),
    ("Trigger", "spec.subscriber.ref.name", ...),
    ("Trigger", "spec.subscriber.uri", "http://elsewhere.example.org"),
    ("Trigger", "spec.subscribers", {}),
    ("Trigger", "spec.delivery.deadLetterSink", {"uri": "/relative"}),
    ("PingSource", "spec.schedule", "* * * *"),
    ("PingSource", "spec.schedule", "61 * * * *"),
    ("PingSource", "spec.schedule", "@every 5m"),
    ("PingSource", "spec.timezone", "Europe/Nowhere"),
    ("PingSource", "spec.data", "{"),
    ("PingSource", "spec.dataBase64", "e30="),
    ("PingSource", "spec.ceOverrides.extensions", {"Task": "sweep"}),
    ("PingSource", "spec.sink", ...),
    ("SinkBinding", "spec.subject.namespace", "other"),
    ("SinkBinding", "spec.subject.selector", ...),
    ("DomainMapping", "metadata.name", "lectern"),
    ("DomainMapping", "spec.ref.name", ...),
    ("IntegrationSource", "spec.aws.auth", ...),
    ("IntegrationSource", "spec.aws.sqs.arn", ...),
    ("IntegrationSource", "spec.timer", {}),
]


def changed(kind: str, path: str, value: object) -> dict[str, Any]:
    """Return the good object of `kind` with one field changed."""
    obj = copy.deepcopy(GOOD[kind])
    *parents, last = (int(part) if part.isdecimal() else part for part in path.split("."))
    place: Any = obj
    for part in parents:
        place = place[part if isinstance(part, int) else part.replace("|", ".")]
    last = last if isinstance(last, int) else last.replace("|", ".")
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return dict(obj)


@pytest.mark.parametrize("kind", GOOD)
def test_what_is_right_is_taken(kind: str) -> None:
    assert refusals(GOOD[kind]) == []


@pytest.mark.parametrize(
    ("kind", "path", "value"), BAD, ids=[f"{kind}.{path}={value}" for kind, path, value in BAD]
)
def test_what_the_webhooks_refuse_is_refused(kind: str, path: str, value: object) -> None:
    assert refusals(changed(kind, path, value))


def test_a_flag_of_the_cluster_lets_its_field_through() -> None:
    scheduled = changed("Service", "spec.template.spec.nodeSelector", {"disk": "ssd"})

    assert refusals(scheduled, frozenset({"kubernetes.podspec-nodeselector"})) == []


@pytest.mark.shared_data
@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the examples are not beside the project")
@pytest.mark.parametrize("name", ["bad-serving", "bad-eventing", "serving", "eventing"])
def test_the_real_webhooks_verdicts_are_repeated(name: str) -> None:
    objects = list(yaml.safe_load_all((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")))
    features = frozenset({"authentication-oidc"})  # as in the recorded run

    refused = [obj["metadata"]["name"] for obj in objects if refusals(obj, features)]

    expected = objects if name.startswith("bad") else []
    assert refused == [obj["metadata"]["name"] for obj in expected]
