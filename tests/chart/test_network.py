"""With network policies on, the paths that are needed are open and no others."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from tests.chart.cluster_rules.pods import Pod, pods
from tests.chart.cluster_rules.selectors import matches
from tests.chart.helm import NAMESPACE, render
from tests.chart.surroundings import SCENARIOS

pytestmark = pytest.mark.usefixtures("helm")
POLICIES = SCENARIOS / "network-policies.yaml"
FUNCTIONS = [
    "answer",
    "catalog",
    "embed",
    "graph-extract",
    "intake",
    "maintain",
    "parse",
    "retrieve",
]
Peer = tuple[str, Mapping[str, str]]
"""Namespace and labels of a pod."""


def pod_of(component: str) -> Pod:
    """Return the pod of one component of the release."""
    label = "app.kubernetes.io/component"
    (pod,) = (pod for pod in pods(render(POLICIES).objects) if pod.labels.get(label) == component)
    return pod


def peer(component: str) -> Peer:
    """Return a component's pod as the other end of a connection."""
    return NAMESPACE, pod_of(component).labels


def may_reach(source: Peer, target: Peer, port: int) -> bool:
    """Return whether the policies let a pod open a connection to another one's port."""
    return _lets(source, target, port, "egress") and _lets(target, source, port, "ingress")


def _lets(owner: Peer, other: Peer, port: int, direction: str) -> bool:
    if owner[0] != NAMESPACE:
        return True
    policies = [
        policy["spec"]
        for policy in render(POLICIES).of_kind("NetworkPolicy")
        if matches(policy["spec"]["podSelector"], owner[1])
        and direction.capitalize() in policy["spec"]["policyTypes"]
    ]
    rules = [rule for policy in policies for rule in policy.get(direction) or ()]
    return not policies or any(_rule_lets(rule, other, port, direction) for rule in rules)


def _rule_lets(rule: Mapping[str, Any], other: Peer, port: int, direction: str) -> bool:
    peers = rule.get("to" if direction == "egress" else "from") or ()
    ports = rule.get("ports") or ()
    return (not peers or any(_is_peer(each, other) for each in peers)) and (
        not ports or any(each.get("port") in {port, None} for each in ports)
    )


def _is_peer(given: Mapping[str, Any], other: Peer) -> bool:
    if "ipBlock" in given:
        return False  # of addresses outside; pods of the cluster are told by their labels
    namespace, labels = other
    space = {"kubernetes.io/metadata.name": namespace}
    in_space = (
        matches(given["namespaceSelector"], space)
        if "namespaceSelector" in given
        else namespace == NAMESPACE
    )
    return in_space and matches(given.get("podSelector") or {}, labels)


def reaching(target: Peer, port: int, among: Iterable[str]) -> set[str]:
    """Return which components may reach a port."""
    return {component for component in among if may_reach(peer(component), target, port)}


def test_every_pod_is_closed_but_for_what_is_opened() -> None:
    policies = [policy["spec"] for policy in render(POLICIES).of_kind("NetworkPolicy")]

    for pod in pods(render(POLICIES).objects):
        mine = [policy for policy in policies if matches(policy["podSelector"], pod.labels)]
        assert {kind for policy in mine for kind in policy["policyTypes"]} == {"Ingress", "Egress"}
    stranger: Peer = ("somewhere", {"app": "stranger"})
    for component in (*FUNCTIONS, "database", "object-store"):
        for port in (80, 5432, 8012, 8080, 8333, 9000):
            assert not may_reach(stranger, peer(component), port), component


@pytest.mark.parametrize(("component", "port"), [("database", 5432)])
def test_only_those_who_keep_something_there_reach_it(component: str, port: int) -> None:
    allowed = reaching(peer(component), port, (*FUNCTIONS, "web", "migration"))

    assert allowed == {*FUNCTIONS, "migration"}


def test_functions_are_called_through_knative_alone() -> None:
    activator: Peer = ("knative-serving", {"app": "activator"})
    for function in FUNCTIONS:
        assert may_reach(activator, peer(function), 8012)
        assert not may_reach(peer("web"), peer(function), 8080)


def test_the_web_ui_is_reached_by_the_ingress_and_reaches_the_gateway_alone() -> None:
    ingress: Peer = ("ingress-nginx", {"app": "controller"})
    gateway: Peer = ("knative-serving", {"app": "3scale-kourier-gateway"})

    assert may_reach(ingress, peer("web"), 8501)
    assert not may_reach(("somewhere", {}), peer("web"), 8501)
    assert may_reach(peer("web"), gateway, 8081)
    assert not may_reach(peer("web"), ("kube-system", {"app": "kubelet"}), 443)


def test_events_are_published_to_the_broker() -> None:
    broker: Peer = ("knative-eventing", {"app": "mt-broker-ingress"})

    assert reaching(broker, 8080, ("parse", "embed", "catalog", "intake", "maintain", "web")) == {
        "parse",
        "embed",
        "catalog",
        "intake",
        "maintain",
    }


def test_metrics_are_scraped_from_the_one_namespace() -> None:
    assert may_reach(("observability", {"app": "prometheus"}), peer("parse"), 8080)
    assert not may_reach(("somewhere", {"app": "prometheus"}), peer("parse"), 8080)


def test_names_are_looked_up_by_everybody() -> None:
    dns: Peer = ("kube-system", {"k8s-app": "kube-dns"})

    for pod in pods(render(POLICIES).objects):
        assert may_reach((NAMESPACE, pod.labels), dns, 53), pod.owner


def test_parse_alone_reaches_the_services_that_read_pages() -> None:
    docling: Peer = ("docling", {"app": "docling-serve"})

    assert reaching(docling, 5001, (*FUNCTIONS, "web", "migration")) == {"parse"}


def test_without_such_a_service_nothing_is_opened_for_one() -> None:
    names = {
        policy["metadata"]["name"]
        for policy in render(POLICIES, values={"settings": {"doclingUrl": ""}}).of_kind(
            "NetworkPolicy"
        )
    }

    assert names
    assert not any(name.endswith("-parsers") for name in names)


def test_whoever_opens_keys_of_models_may_ask_them_but_the_catalog() -> None:
    services = {name: pod_of(name) for name in FUNCTIONS}
    opening = {
        name
        for name, pod in services.items()
        for container in pod.containers
        for each in container.get("env") or ()
        if each["name"] == "LECTERN_SECRETS_KEY"
    }
    (policy,) = (
        each["spec"]
        for each in render(POLICIES).of_kind("NetworkPolicy")
        if each["metadata"]["name"].endswith("-models")
    )

    assert opening == {"answer", "catalog", "embed", "parse", "retrieve"}
    for name in opening - {"catalog"}:
        assert matches(policy["podSelector"], services[name].labels), name
