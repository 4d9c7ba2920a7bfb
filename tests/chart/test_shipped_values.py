"""The values files are what the README says they are for."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.chart.cluster_rules.pods import SERVERS, is_knative_service, pods
from tests.chart.helm import CHART, Rendering, render
from tests.chart.surroundings import effective_values

pytestmark = pytest.mark.usefixtures("helm")
PRODUCTION = CHART / "values-production.yaml"
CLOUDS = [CHART / "values-gke.yaml", CHART / "values-eks.yaml"]


def production(*more: Path) -> tuple[dict[str, Any], Rendering]:
    """Return values and rendering of production, with a cloud's values over it."""
    return effective_values(PRODUCTION, *more), render(PRODUCTION, *more)


def test_the_defaults_need_nothing_but_knative() -> None:
    values = effective_values()

    assert not any(values["featureFlags"].values())
    assert render(apis=("serving.knative.dev/v1", "eventing.knative.dev/v1")).objects


def test_the_defaults_are_at_zero_when_idle() -> None:
    for service in filter(is_knative_service, render().objects):
        annotations = service["spec"]["template"]["metadata"]["annotations"]
        assert annotations["autoscaling.knative.dev/min-scale"] == "0"
    always_on = {pod.owner for pod in pods(render().objects) if pod.kind in SERVERS - {"Service"}}
    assert always_on == {
        "Deployment/lectern-web",
        "StatefulSet/lectern-database",
        "StatefulSet/lectern-object-store",
    }


def test_idle_pods_ask_for_less_than_a_processor_and_a_gigabyte() -> None:
    requests = [
        container["resources"]["requests"]
        for pod in pods(render().objects)
        if pod.kind in {"Deployment", "StatefulSet"}
        for container in pod.spec["containers"]
    ]

    assert sum(int(str(each["cpu"]).removesuffix("m")) for each in requests) < 1000
    assert sum(int(each["memory"].removesuffix("Mi")) for each in requests) <= 1024


@pytest.mark.parametrize("cloud", [(), *((path,) for path in CLOUDS)], ids=str)
def test_production_keeps_its_state_elsewhere_and_is_closed(cloud: tuple[Path, ...]) -> None:
    values, rendering = production(*cloud)

    assert rendering.of_kind("StatefulSet", "Secret") == []
    assert rendering.of_kind("NetworkPolicy")
    assert values["broker"]["class"] in {"Kafka", "KafkaNamespaced", "RabbitMQBroker"}
    assert values["schedules"]["backup"]["enabled"]
    assert values["backup"]["copy"]["url"]


def test_productions_web_ui_scales_from_three_to_fifty_and_survives_a_drain() -> None:
    _, rendering = production()
    (autoscaler,) = rendering.of_kind("HorizontalPodAutoscaler")
    (budget,) = rendering.of_kind("PodDisruptionBudget")
    (ingress,) = rendering.of_kind("Ingress")
    deployment = rendering.one("Deployment", "lectern-web")

    assert (autoscaler["spec"]["minReplicas"], autoscaler["spec"]["maxReplicas"]) == (3, 50)
    assert budget["spec"]["selector"] == deployment["spec"]["selector"]
    assert "replicas" not in deployment["spec"], "Helm and the autoscaler would fight over it"
    assert ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/affinity"] == "cookie"
    assert ingress["spec"]["tls"]


def test_production_is_watched() -> None:
    _, rendering = production()

    kinds = {obj["kind"] for obj in rendering.objects}
    assert kinds >= {"ServiceMonitor", "PodMonitor", "PrometheusRule"}
    assert rendering.one("ConfigMap", "lectern-dashboard")


def test_what_people_wait_for_is_warm_in_production() -> None:
    _, rendering = production()
    warm = {
        service["metadata"]["name"]
        for service in filter(is_knative_service, rendering.objects)
        if service["spec"]["template"]["metadata"]["annotations"][
            "autoscaling.knative.dev/min-scale"
        ]
        != "0"
    }

    assert warm == {"lectern-answer", "lectern-catalog", "lectern-retrieve"}


def test_eks_needs_no_key_of_the_bucket() -> None:
    rendering = render(CHART / "values-eks.yaml")
    account = rendering.one("ServiceAccount", "lectern")

    assert "eks.amazonaws.com/role-arn" in account["metadata"]["annotations"]
    assert "LECTERN_S3_SECRET_KEY" not in rendering.text


def test_only_pods_that_use_the_state_have_an_identity_in_the_cloud() -> None:
    rendering = render(CHART / "values-eks.yaml")
    known = {
        account["metadata"]["name"]
        for account in rendering.of_kind("ServiceAccount")
        if account["metadata"].get("annotations")
    }

    for pod in pods(rendering.objects):
        uses_state = "LECTERN_DATABASE_URL" in str(pod.spec)
        assert (pod.spec["serviceAccountName"] in known) == uses_state, pod.owner


def test_images_on_minikube_are_looked_up_in_no_registry() -> None:
    skipped = ("dev.local/", "kind.local/", "ko.local/")  # config-deployment's own default
    for service in filter(is_knative_service, render(CHART / "values-minikube.yaml").objects):
        (container,) = service["spec"]["template"]["spec"]["containers"]
        assert container["image"].startswith(skipped)


def test_minikube_asks_for_no_more_than_a_small_machine_has() -> None:
    rendering = render(CHART / "values-minikube.yaml")
    requests = [
        container["resources"]["requests"]["cpu"]
        for pod in pods(rendering.objects)
        for container in pod.spec["containers"]
    ]

    assert sum(int(str(cpu).removesuffix("m")) for cpu in requests) <= 2000


def test_a_database_of_the_operator_has_the_connections_that_pods_hold() -> None:
    operator = {"bundled": {"enabled": False}, "cloudNativePG": {"enabled": True}}
    (cluster,) = render(values={"database": operator}).of_kind("Cluster")
    functions = effective_values()["functions"]
    pods = sum(each["maxScale"] for each in functions.values())

    assert int(cluster["spec"]["postgresql"]["parameters"]["max_connections"]) > 2 * pods


def test_images_of_others_are_of_one_version() -> None:
    for path in (CHART / "values.yaml", *CHART.glob("values-*.yaml")):
        for tag in re.findall(
            r'^ +tag: "?([^"\s]+)', path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            assert re.match(r"\d+\.\d+", tag), f"{path.name}: {tag} moves"
