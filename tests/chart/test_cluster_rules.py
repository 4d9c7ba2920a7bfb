"""The rules for renderings find what they are there to find."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.chart import kubernetes_shapes
from tests.chart.cluster_rules import RULES
from tests.chart.helm import load_all

_LABELS = """
      app.kubernetes.io/name: lectern
      app.kubernetes.io/instance: lectern
      app.kubernetes.io/managed-by: Helm"""
_METADATA = f"""
metadata:
  name: NAME
  namespace: lectern-system
  labels: {{app: web,{", ".join(line.strip() for line in _LABELS.strip().splitlines())}}}"""
GOOD = load_all(
    f"""
apiVersion: v1
kind: ServiceAccount{_METADATA.replace("NAME", "lectern")}
automountServiceAccountToken: false
---
apiVersion: v1
kind: Secret{_METADATA.replace("NAME", "keys")}
data: {{key: a2V5}}
---
apiVersion: v1
kind: Service{_METADATA.replace("NAME", "web")}
spec:
  selector: {{app: web}}
  ports: [{{name: http, port: 80, targetPort: http}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress{_METADATA.replace("NAME", "web")}
spec:
  rules:
    - http: {{paths: [{{backend: {{service: {{name: web, port: {{name: http}}}}}}}}]}}
---
apiVersion: apps/v1
kind: Deployment{_METADATA.replace("NAME", "web")}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      serviceAccountName: lectern
      automountServiceAccountToken: false
      enableServiceLinks: false
      volumes: [{{name: tmp, emptyDir: {{sizeLimit: 1Gi}}}}]
      containers:
        - name: web
          image: example.org/web:1.0.0
          ports: [{{name: http, containerPort: 8501}}]
          env:
            - {{name: KEY, valueFrom: {{secretKeyRef: {{name: keys, key: key}}}}}}
            - {{name: THREADS, value: "3"}}
          resources: {{requests: {{cpu: 1, memory: 1Gi}}, limits: {{memory: 1Gi}}}}
          readinessProbe: {{httpGet: {{path: /, port: http}}}}
          livenessProbe: {{httpGet: {{path: /, port: http}}}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            runAsNonRoot: true
            runAsUser: 10001
            capabilities: {{drop: [ALL]}}
            seccompProfile: {{type: RuntimeDefault}}
"""
)
POD, CONTAINER = "4.spec.template.spec", "4.spec.template.spec.containers.0"
BROKEN = [  # rule, place, value; ... removes
    ("naming", "1.metadata.name", "Keys"),
    ("naming", "1.metadata.name", "k" * 64),
    ("naming", "1.metadata.namespace", ...),
    ("naming", "1.metadata.labels.app.kubernetes.io/name", ...),
    ("naming", "1.metadata.labels.app", "a b"),
    ("naming", "1", GOOD[0]),
    ("security", "0.automountServiceAccountToken", ...),
    ("security", "0.kind", "ClusterRole"),
    ("security", f"{POD}.automountServiceAccountToken", True),
    ("security", f"{POD}.enableServiceLinks", ...),
    ("security", f"{POD}.serviceAccountName", ...),
    ("security", f"{POD}.hostNetwork", True),
    ("security", f"{POD}.volumes.0", {"name": "tmp", "hostPath": {"path": "/var"}}),
    ("security", f"{POD}.volumes.0.emptyDir", {}),
    ("security", f"{CONTAINER}.securityContext.allowPrivilegeEscalation", ...),
    ("security", f"{CONTAINER}.securityContext.readOnlyRootFilesystem", False),
    ("security", f"{CONTAINER}.securityContext.runAsNonRoot", ...),
    ("security", f"{CONTAINER}.securityContext.runAsUser", 0),
    ("security", f"{CONTAINER}.securityContext.privileged", True),
    ("security", f"{CONTAINER}.securityContext.capabilities.add", ["NET_ADMIN"]),
    ("security", f"{CONTAINER}.securityContext.capabilities", ...),
    ("security", f"{CONTAINER}.securityContext.seccompProfile", ...),
    ("security", f"{CONTAINER}.ports.0.hostPort", 80),
    ("running", f"{CONTAINER}.resources.requests.cpu", ...),
    ("running", f"{CONTAINER}.resources.limits", ...),
    ("running", f"{CONTAINER}.image", "example.org:5000/web"),
    ("running", f"{CONTAINER}.image", "web:latest"),
    ("running", f"{CONTAINER}.readinessProbe", ...),
    ("running", f"{CONTAINER}.livenessProbe", ...),
    ("running", f"{CONTAINER}.env.1.value", 3),
    ("running", f"{CONTAINER}.env.1.name", "KEY"),
    ("selectors", "2.spec.selector.app", "other"),
    ("selectors", "2.spec.ports.0.targetPort", "https"),
    ("selectors", "4.spec.selector.matchLabels.app", "other"),
    ("data", f"{CONTAINER}.env.0.valueFrom.secretKeyRef.name", "locks"),
    ("data", f"{CONTAINER}.env.0.valueFrom.secretKeyRef.key", "lock"),
    ("data", f"{CONTAINER}.envFrom", [{"configMapRef": {"name": "settings"}}]),
    ("data", f"{POD}.volumes.0", {"name": "tmp", "secret": {"secretName": "locks"}}),
    ("references", f"{POD}.serviceAccountName", "other"),
    ("references", f"{POD}.volumes.0", {"persistentVolumeClaim": {"claimName": "data"}}),
    ("references", "3.spec.rules.0.http.paths.0.backend.service.name", "other"),
    ("references", "3.spec.rules.0.http.paths.0.backend.service.port.name", "https"),
]
SHAPES: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
    ("replica", lambda obj: obj["spec"].update(replica=3)),
    ("replicas", lambda obj: obj["spec"].update(replicas="3")),
    ("selector", lambda obj: obj["spec"].pop("selector")),
    ("containers", lambda obj: obj["spec"]["template"]["spec"].update(containers={})),
    ("Deploiment", lambda obj: obj.update(kind="Deploiment")),
]


def broken(path: str, value: object) -> list[dict[str, Any]]:
    """Return the good objects with one place changed."""
    objects = copy.deepcopy(list(GOOD))
    place: Any = objects
    *parents, last = path.replace("app.kubernetes.io", "app|kubernetes|io").split(".")
    for part in parents:
        place = place[int(part) if part.isdecimal() else part]
    last = last.replace("|", ".")
    if value is ...:
        del place[last]
    else:
        place[int(last) if last.isdecimal() else last] = value
    return objects


@pytest.mark.parametrize("rule", RULES)
def test_what_is_right_passes(rule: str) -> None:
    assert list(RULES[rule](GOOD)) == []


@pytest.mark.parametrize(("rule", "path", "value"), BROKEN)
def test_what_is_broken_is_found(rule: str, path: str, value: object) -> None:
    assert list(RULES[rule](broken(path, value)))


def test_a_repeated_key_is_found() -> None:
    with pytest.raises(yaml.YAMLError, match="repeated key"):
        load_all("a: {b: 1, b: 2}")


@pytest.mark.skipif(not kubernetes_shapes.have_shapes(), reason="lightkube-models is not installed")
@pytest.mark.parametrize(("named", "change"), SHAPES, ids=[named for named, _ in SHAPES])
def test_a_field_that_kubernetes_does_not_have_is_found(
    named: str, change: Callable[[dict[str, Any]], Any]
) -> None:
    deployment = copy.deepcopy(GOOD[4])
    change(deployment)

    (error,) = kubernetes_shapes.shape_errors(deployment)

    assert named in error
    assert kubernetes_shapes.shape_errors(GOOD[4]) == []
