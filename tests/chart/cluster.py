"""A stand-in for a cluster's API server, as much of one as Helm's `lookup` asks.

It answers discovery and GET over HTTP on loopback; whatever Helm would change is not there. So
templates that look at what is installed already can be tested without a cluster.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import yaml

from tests.chart.helm import KUBERNETES_VERSION, RELEASE, Manifest


@contextmanager
def cluster(kinds: Sequence[Manifest], holding: Sequence[Manifest], folder: Path) -> Iterator[Path]:
    """Yield the kubeconfig of a cluster that knows the kinds of `kinds`.

    It holds `holding`, as the release of the tests has installed it.
    """
    answers = {**_discovery(kinds), **{_path(obj): _installed(obj) for obj in holding}}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = answers.get(self.path.partition("?")[0])
            missing = {"kind": "Status", "apiVersion": "v1", "reason": "NotFound", "code": 404}
            body = json.dumps(answer or missing).encode()
            self.send_response(200 if answer else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            kubeconfig = folder / "kubeconfig"
            address = f"http://127.0.0.1:{server.server_port}"
            kubeconfig.write_text(yaml.safe_dump(_kubeconfig(address)), encoding="utf-8")
            yield kubeconfig
        finally:
            server.shutdown()
            thread.join()


def _installed(obj: Manifest) -> Manifest:
    owned = {
        "meta.helm.sh/release-name": RELEASE,
        "meta.helm.sh/release-namespace": obj["metadata"]["namespace"],
    }
    annotations = {**(obj["metadata"].get("annotations") or {}), **owned}
    return {**obj, "metadata": {**obj["metadata"], "annotations": annotations}}


def _kubeconfig(address: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "stand-in", "cluster": {"server": address}}],
        "users": [{"name": "anybody", "user": {}}],
        "contexts": [{"name": "it", "context": {"cluster": "stand-in", "user": "anybody"}}],
        "current-context": "it",
    }


def _discovery(objects: Sequence[Manifest]) -> Mapping[str, Any]:
    kinds: dict[str, set[str]] = {"v1": {"Secret"}}
    for obj in objects:
        kinds.setdefault(obj["apiVersion"], set()).add(obj["kind"])
    groups = [version.split("/") for version in kinds if "/" in version]
    return {
        "/version": {"major": "1", "minor": "34", "gitVersion": f"v{KUBERNETES_VERSION}"},
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": list(map(_group, groups))},
        **{_root(version): _resources(version, names) for version, names in kinds.items()},
    }


def _group(group_and_version: Sequence[str]) -> dict[str, Any]:
    group, version = group_and_version
    known = {"groupVersion": f"{group}/{version}", "version": version}
    return {"name": group, "versions": [known], "preferredVersion": known}


def _resources(version: str, kinds: set[str]) -> dict[str, Any]:
    resources = [
        {"name": _plural(kind), "singularName": "", "namespaced": True, "kind": kind, "verbs": []}
        for kind in sorted(kinds)
    ]
    return {"kind": "APIResourceList", "groupVersion": version, "resources": resources}


def _root(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def _path(obj: Manifest) -> str:
    namespace, name = obj["metadata"]["namespace"], obj["metadata"]["name"]
    return f"{_root(obj['apiVersion'])}/namespaces/{namespace}/{_plural(obj['kind'])}/{name}"


def _plural(kind: str) -> str:
    name = re.sub(r"y$", "ie", kind.lower())
    return f"{name}es" if name.endswith("s") else f"{name}s"
