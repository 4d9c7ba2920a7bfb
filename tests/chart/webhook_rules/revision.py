"""Pods of a Revision. serving:pkg/apis/serving/{k8s_validation,fieldmask}.go."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.chart.webhook_rules.container import container
from tests.chart.webhook_rules.fields import exactly_one, only

_ALWAYS = (
    "containers serviceAccountName imagePullSecrets enableServiceLinks volumes "
    "automountServiceAccountToken containerConcurrency timeoutSeconds responseStartTimeoutSeconds "
    "idleTimeoutSeconds"
)
POD_FLAGS = {  # field -> flag in config-features, every one off in a stock installation
    "affinity": "kubernetes.podspec-affinity",
    "dnsConfig": "kubernetes.podspec-dnsconfig",
    "dnsPolicy": "kubernetes.podspec-dnspolicy",
    "hostAliases": "kubernetes.podspec-hostaliases",
    "hostIPC": "kubernetes.podspec-hostipc",
    "hostNetwork": "kubernetes.podspec-hostnetwork",
    "hostPID": "kubernetes.podspec-hostpid",
    "initContainers": "kubernetes.podspec-init-containers",
    "nodeSelector": "kubernetes.podspec-nodeselector",
    "priorityClassName": "kubernetes.podspec-priorityclassname",
    "runtimeClassName": "kubernetes.podspec-runtimeclassname",
    "schedulerName": "kubernetes.podspec-schedulername",
    "securityContext": "kubernetes.podspec-securitycontext",
    "shareProcessNamespace": "kubernetes.podspec-shareprocessnamespace",
    "tolerations": "kubernetes.podspec-tolerations",
    "topologySpreadConstraints": "kubernetes.podspec-topologyspreadconstraints",
}
VOLUME_FLAGS = {
    "csi": "kubernetes.podspec-volumes-csi",
    "ephemeral": "kubernetes.podspec-volumes-ephemeral",
    "hostPath": "kubernetes.podspec-volumes-hostpath",
    "image": "kubernetes.podspec-volumes-image",
    "persistentVolumeClaim": "kubernetes.podspec-persistent-volume-claim",
}
_VOLUMES = "secret configMap projected emptyDir"  # emptyDir's flag is on by default


def pod(spec: Mapping[str, Any], features: frozenset[str]) -> Iterator[str]:
    """Yield the refusals of `spec.template.spec`."""
    flagged = " ".join(field for field, flag in POD_FLAGS.items() if flag in features)
    yield from only(spec, f"{_ALWAYS} {flagged}", "spec")
    if spec.get("automountServiceAccountToken"):
        yield "automountServiceAccountToken: only false is allowed"
    containers = spec.get("containers") or []
    if not containers:
        yield "containers: missing"
    if sum(len(each.get("ports") or ()) for each in containers) > 1:
        yield "containers: more than one port"
    if len(containers) > 1 and not any(each.get("ports") for each in containers):
        yield "containers: of several, one must have the port"
    names = [each["name"] for each in containers if "name" in each]
    if len(names) != len(set(names)):
        yield f"containers: repeated name among {names}"
    volumes = {each.get("name", ""): each for each in spec.get("volumes") or ()}
    everybody = [*containers, *(spec.get("initContainers") or ())]
    mounted = {mount["name"] for each in everybody for mount in each.get("volumeMounts") or ()}
    yield from (f"volumes: {name!r} is not mounted" for name in volumes.keys() - mounted)
    for name, volume in volumes.items():
        yield from _volume(name, volume, features)
    for each in containers:
        yield from container(each, volumes, features)


def _volume(name: str, volume: Mapping[str, Any], features: frozenset[str]) -> Iterator[str]:
    where = f"volumes[{name}]"
    flagged = " ".join(kind for kind, flag in VOLUME_FLAGS.items() if flag in features)
    yield from only(volume, f"name {_VOLUMES} {flagged}", where)
    yield from exactly_one(volume, f"{_VOLUMES} {flagged}", where)
    claim = volume.get("persistentVolumeClaim")
    write_flag = "kubernetes.podspec-persistent-volume-write"
    if claim and not claim.get("readOnly") and write_flag not in features:
        yield f"{where}.persistentVolumeClaim: has to be readOnly"
