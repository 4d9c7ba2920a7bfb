"""Restricted pod security (kubernetes.io, "Pod Security Standards") and what Lectern adds to it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.chart.cluster_rules.pods import Pod, pods

_VOLUMES = frozenset(
    {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim"}
    | {"projected", "secret"}
)
_HOST_FIELDS = ("hostNetwork", "hostPID", "hostIPC", "hostUsers", "shareProcessNamespace")


def security(objects: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the pods that would not be admitted under `restricted`, or have more than they need."""
    for pod in pods(objects):
        yield from _pod(pod)
        for container in pod.containers:
            yield from _container(f"{pod.owner}/{container['name']}", container, pod)
    for obj in objects:
        if obj["kind"] == "ServiceAccount" and obj.get("automountServiceAccountToken") is not False:
            yield f"ServiceAccount/{obj['metadata']['name']}: its token would be mounted"
        if obj["kind"] in {"ClusterRole", "ClusterRoleBinding"}:
            yield f"{obj['kind']}/{obj['metadata']['name']}: rights on the whole cluster"


def _pod(pod: Pod) -> Iterator[str]:
    if pod.spec.get("automountServiceAccountToken") is not False:
        yield f"{pod.owner}: mounts the service account's token"
    if pod.spec.get("enableServiceLinks") is not False:
        yield f"{pod.owner}: gets every Service of the namespace as environment"
    if not pod.spec.get("serviceAccountName"):
        yield f"{pod.owner}: runs as the namespace's default service account"
    for name in _HOST_FIELDS:
        if pod.spec.get(name):
            yield f"{pod.owner}: {name}"
    for volume in pod.spec.get("volumes") or ():
        for kind in volume.keys() - {"name"} - _VOLUMES:
            yield f"{pod.owner}: volume of kind {kind}"
        if "emptyDir" in volume and "sizeLimit" not in volume["emptyDir"]:
            yield f"{pod.owner}: emptyDir {volume['name']!r} without a size limit"


def _container(where: str, container: Mapping[str, Any], pod: Pod) -> Iterator[str]:
    context = {
        **(pod.spec.get("securityContext") or {}),
        **(container.get("securityContext") or {}),
    }
    expected = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
    }
    for name, value in expected.items():
        if context.get(name) is not value:
            yield f"{where}: {name} is not {value}"
    if context.get("privileged"):
        yield f"{where}: privileged"
    if not context.get("runAsUser"):
        yield f"{where}: no runAsUser, or root"
    capabilities = context.get("capabilities") or {}
    if capabilities.get("drop") != ["ALL"] or capabilities.get("add"):
        yield f"{where}: does not drop all capabilities"
    if (context.get("seccompProfile") or {}).get("type") not in {"RuntimeDefault", "Localhost"}:
        yield f"{where}: no seccomp profile"
    if any(port.get("hostPort") for port in container.get("ports") or ()):
        yield f"{where}: hostPort"
