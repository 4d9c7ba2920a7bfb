"""Containers of a Revision. serving:pkg/apis/serving/{k8s_validation,fieldmask}.go."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.chart.webhook_rules.fields import exactly_one, only

_CONTAINER = (
    "args command env envFrom image imagePullPolicy livenessProbe name ports readinessProbe "
    "resources securityContext startupProbe terminationMessagePath terminationMessagePolicy "
    "volumeMounts workingDir"
)
_SECURITY = (
    "allowPrivilegeEscalation readOnlyRootFilesystem runAsNonRoot runAsUser runAsGroup "
    "seccompProfile capabilities privileged"
)
_PROBE = (
    "httpGet tcpSocket exec grpc initialDelaySeconds periodSeconds timeoutSeconds "
    "failureThreshold successThreshold terminationGracePeriodSeconds"
)
_RESERVED_ENV = {"PORT", "K_SERVICE", "K_CONFIGURATION", "K_REVISION"}
_RESERVED_PORTS = {8012, 8013, 8022, 8008, 9090, 9091}
_RESERVED_PATHS = {"/", "/dev", "/dev/log"}
_IMAGE = re.compile(  # go-containerregistry/pkg/name; a repository has at least 2 characters
    r"(?:[\w.-]+(?::\d+)?/)?[a-z0-9_./-]{2,255}(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)


def container(
    spec: Mapping[str, Any], volumes: Mapping[str, Any], features: frozenset[str]
) -> Iterator[str]:
    """Yield the refusals of one container."""
    where = spec.get("name", "container")
    yield from only(spec, _CONTAINER, where)
    if where == "queue-proxy":
        yield "queue-proxy: reserved name of a container"
    if not _IMAGE.fullmatch(spec.get("image") or ""):
        yield f"{where}.image: {spec.get('image')!r} is no image reference"
    yield from _environment(spec, where, features)
    yield from _ports(spec.get("ports") or (), where)
    yield from _security(spec.get("securityContext") or {}, where)
    yield from only(spec.get("resources"), "requests limits", f"{where}.resources")
    for kind in ("livenessProbe", "readinessProbe", "startupProbe"):
        if kind in spec:
            yield from _probe(spec[kind], f"{where}.{kind}", (spec.get("ports") or [{}])[0])
    yield from _readiness(spec.get("readinessProbe") or {}, where)
    yield from _mounts(spec.get("volumeMounts") or (), volumes, where)


def _environment(spec: Mapping[str, Any], where: str, features: frozenset[str]) -> Iterator[str]:
    for variable in spec.get("env") or ():
        name = variable.get("name")
        yield from only(variable, "name value valueFrom", f"{where}.env")
        if not name or name in _RESERVED_ENV:
            yield f"{where}.env: {name!r} is missing or reserved"
        source = variable.get("valueFrom")
        if source is not None:
            flagged = "kubernetes.podspec-fieldref" in features
            allowed = "configMapKeyRef secretKeyRef" + flagged * " fieldRef resourceFieldRef"
            yield from only(source, allowed, f"{where}.env[{name}].valueFrom")
    for source in spec.get("envFrom") or ():
        yield from only(source, "prefix configMapRef secretRef", f"{where}.envFrom")
        yield from exactly_one(source, "configMapRef secretRef", f"{where}.envFrom")


def _ports(ports: Any, where: str) -> Iterator[str]:
    for port in ports:
        yield from only(port, "containerPort name protocol", f"{where}.ports")
        number = port.get("containerPort", 8080)
        if number in _RESERVED_PORTS or not 0 <= number <= 65535:
            yield f"{where}.ports: {number} is reserved or no port"
        if port.get("name", "") not in {"", "http1", "h2c"}:
            yield f"{where}.ports: name {port['name']!r} is none of 'http1', 'h2c'"
        if port.get("protocol", "TCP") != "TCP":
            yield f"{where}.ports: {port['protocol']!r} is not TCP"


def _security(context: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from only(context, _SECURITY, f"{where}.securityContext")
    capabilities = context.get("capabilities")
    yield from only(capabilities, "drop", f"{where}.securityContext.capabilities")
    if context.get("privileged"):
        yield f"{where}.securityContext.privileged: only false is allowed"


def _probe(probe: Mapping[str, Any], where: str, port: Mapping[str, Any]) -> Iterator[str]:
    yield from only(probe, _PROBE, where)
    yield from exactly_one(probe, "httpGet tcpSocket exec grpc", where)
    for handler in ("httpGet", "tcpSocket"):
        target = (probe.get(handler) or {}).get("port")
        if isinstance(target, str) and target != port.get("name"):
            yield f"{where}.{handler}.port: {target!r} is not the container's port"


def _readiness(probe: Mapping[str, Any], where: str) -> Iterator[str]:
    """Period 0, also when unset, means that the queue proxy probes as fast as it can."""
    if not probe.get("periodSeconds"):
        for name in ("timeoutSeconds", "failureThreshold"):
            if probe.get(name):
                yield f"{where}.readinessProbe.{name}: not allowed without periodSeconds"


def _mounts(mounts: Any, volumes: Mapping[str, Any], where: str) -> Iterator[str]:
    seen: set[str] = set()
    for mount in mounts:
        yield from only(
            mount, "name mountPath readOnly subPath mountPropagation", f"{where}.volumeMounts"
        )
        path = posixpath.normpath(mount.get("mountPath") or ".")
        if path in _RESERVED_PATHS or not path.startswith("/") or path in seen:
            yield f"{where}.volumeMounts: path {path!r} is reserved, relative or repeated"
        seen.add(path)
        volume = volumes.get(mount["name"])
        if volume is None:
            yield f"{where}.volumeMounts: there is no volume {mount['name']!r}"
        elif not (volume.keys() & {"emptyDir", "persistentVolumeClaim"} or mount.get("readOnly")):
            yield f"{where}.volumeMounts: {mount['name']!r} has to be readOnly"
