"""What the chart does where it is installed already: it looks, keeps, and refuses."""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.chart.cluster import cluster
from tests.chart.helm import NAMESPACE, HelmRefused, Manifest, Rendering, render
from tests.chart.surroundings import SCENARIOS
from tests.chart.webhook_rules.eventing import BROKER_CLASS

pytestmark = pytest.mark.usefixtures("helm")


def upgrade(
    holding: Sequence[Manifest],
    folder: Path,
    *files: Path,
    values: Mapping[str, Any] | None = None,
) -> Rendering:
    """Return the chart rendered for a cluster in which some objects are already."""
    kinds = [*render().objects, *render(*files).objects, *holding]
    with cluster(kinds, holding, folder) as kubeconfig:
        return render(*files, values=values, kubeconfig=kubeconfig)


def secrets(rendering: Rendering) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield name and data of each Secret."""
    for secret in rendering.of_kind("Secret"):
        yield secret["metadata"]["name"], secret["data"]


def test_an_upgrade_keeps_every_secret_that_was_made(tmp_path: Path) -> None:
    installed = render()

    upgraded = upgrade(installed.of_kind("Secret"), tmp_path)

    assert dict(secrets(upgraded)) == dict(secrets(installed))
    assert len(dict(secrets(upgraded))) == 3


def test_other_settings_change_no_name_but_that_of_the_migration() -> None:
    def names(rendering: Rendering) -> set[tuple[str, str]]:
        return {(obj["kind"], obj["metadata"]["name"]) for obj in rendering.objects}

    other = render(values={"settings": {"logLevel": "DEBUG"}, "image": {"functions": {"tag": "2"}}})

    changed = names(render()) ^ names(other)
    assert {kind for kind, _ in changed} == {"Job"}, "a Job cannot be changed, only made anew"
    assert all(name.startswith("lectern-migrate-") for _, name in changed)


def test_a_secret_that_lacks_a_newer_key_gets_it_and_keeps_the_others(tmp_path: Path) -> None:
    old = copy.deepcopy(render().one("Secret", "lectern-secrets"))
    del old["data"]["web-secret"]

    upgraded = upgrade([old], tmp_path).one("Secret", "lectern-secrets")

    assert upgraded["data"].keys() == old["data"].keys() | {"web-secret"}
    assert upgraded["data"].items() >= old["data"].items()


def test_a_brokers_class_cannot_change_under_its_name(tmp_path: Path) -> None:
    there = render().one("Broker", "lectern")
    kafka = SCENARIOS / "kafka.yaml"

    with pytest.raises(HelmRefused, match="never changes a Broker's class"):
        upgrade([there], tmp_path, kafka, values={"broker": {"name": ""}})
    renamed = upgrade([there], tmp_path, kafka).one("Broker", "lectern-kafka")

    assert renamed["metadata"]["annotations"][BROKER_CLASS] == "Kafka"
    assert upgrade([there], tmp_path).one("Broker", "lectern")["spec"] == there["spec"]


CHANNEL = {
    "apiVersion": "messaging.knative.dev/v1beta1",
    "kind": "KafkaChannel",
    "spec": {"numPartitions": 3},
}
SERVERS = {"bootstrapServers": "kafka:9092"}
KAFKA = {"broker": {"class": "Kafka", "config": {"kafka": SERVERS}}}
RABBITMQ = {"broker": {"class": "RabbitMQBroker", "config": {"rabbitmq": {"cluster": "rabbits"}}}}
BROKERS = {
    "a channel for the cluster's own": ({}, {"broker": {"config": {"channel": CHANNEL}}}, "never"),
    "the cluster's own for a channel": ({"broker": {"config": {"channel": CHANNEL}}}, {}, "never"),
    "another channel": (
        {"broker": {"config": {"channel": CHANNEL}}},
        {"broker": {"config": {"channel": {**CHANNEL, "spec": {"numPartitions": 6}}}}},
        "was made with .*numPartitions.*3",
    ),
    "somebody's for ours": (
        KAFKA,
        {
            "broker": {
                "class": "Kafka",
                "config": {"existing": {"apiVersion": "v1", "kind": "ConfigMap", "name": "theirs"}},
            }
        },
        'has the configuration "lectern-broker"',
    ),
    "more partitions": (
        KAFKA,
        {
            "broker": {
                "class": "Kafka",
                "config": {"kafka": {"bootstrapServers": "kafka:9092", "partitions": 24}},
            }
        },
        'default.topic.partitions of .* "24", but the Broker was made with "12"',
    ),
    "another kind of queue": (
        RABBITMQ,
        {
            "broker": {
                "class": "RabbitMQBroker",
                "config": {"rabbitmq": {"cluster": "rabbits", "queueType": "classic"}},
            }
        },
        'queueType of .* "classic", but the Broker was made with "quorum"',
    ),
}


def installed_broker(values: Mapping[str, Any]) -> list[Manifest]:
    """Return the Broker and its configuration as they are after an installation.

    Knative fills in the cluster's default where there is none.
    """
    rendering = render(values=values)
    broker = copy.deepcopy(rendering.one("Broker", "lectern"))
    default = {"apiVersion": "v1", "kind": "ConfigMap", "name": "config-br-default-channel"}
    broker["spec"].setdefault("config", {**default, "namespace": "knative-eventing"})
    own = [obj for obj in rendering.objects if obj["metadata"]["name"] == "lectern-broker"]
    return [broker, *own]


@pytest.mark.parametrize("case", BROKERS)
def test_a_brokers_configuration_cannot_change_under_its_name(case: str, tmp_path: Path) -> None:
    before, after, says = BROKERS[case]
    there = installed_broker(before)

    with pytest.raises(HelmRefused) as refused:
        upgrade(there, tmp_path, values=after)
    same = upgrade(there, tmp_path, values=before)
    renamed = {**after, "broker": {**after.get("broker", {}), "name": "another"}}
    other = upgrade(there, tmp_path, values={**renamed, "fullnameOverride": "another"})

    assert re.search(says, " ".join(str(refused.value).split())), refused.value
    assert same.one("Broker", "lectern")
    assert other.one("Broker", "another")


def test_servers_of_kafka_may_move(tmp_path: Path) -> None:
    moved = {"broker": {"class": "Kafka", "config": {"kafka": {"bootstrapServers": "new:9092"}}}}

    assert upgrade(installed_broker(KAFKA), tmp_path, values=moved).one("Broker", "lectern")


def test_a_web_ui_of_knatives_is_not_taken_over_under_its_name(tmp_path: Path) -> None:
    placeholder = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "lectern-web",
            "namespace": NAMESPACE,
            "labels": {"serving.knative.dev/route": "lectern-web"},
        },
    }

    with pytest.raises(HelmRefused, match=r"belongs to Knative.*web\.kind=KnativeService first"):
        upgrade([placeholder], tmp_path)
    assert upgrade([placeholder], tmp_path, values={"web": {"kind": "KnativeService"}})


def test_the_kinds_of_the_web_ui_can_be_changed_one_for_the_other() -> None:
    """Knative makes a Kubernetes Service of the name of each of its own."""
    deployment, knative = render(), render(values={"web": {"kind": "KnativeService"}})

    def names(rendering: Rendering) -> set[str]:
        return {
            obj["metadata"]["name"]
            for obj in rendering.of_kind("Service")
            if obj["metadata"]["labels"]["app.kubernetes.io/component"].startswith("web")
        }

    assert names(deployment) == {"lectern-web"}
    assert names(knative) == {"lectern-web-knative"}


@pytest.mark.parametrize("kind", ["Deployment", "KnativeService"])
def test_pods_that_come_and_go_read_no_settings_that_helm_changes_under_them(kind: str) -> None:
    rendering = render(values={"web": {"kind": kind}, "settings": {"chunkTokens": 300}})
    lasting = [
        obj for obj in rendering.of_kind("Service", "Deployment") if "template" in obj["spec"]
    ]

    assert len(lasting) == 9
    for obj in lasting:
        (container,) = obj["spec"]["template"]["spec"]["containers"]
        given = [each["name"] for each in container["env"]]
        assert "configMapRef" not in str(obj), obj["metadata"]["name"]
        assert {"name": "LECTERN_CHUNK_TOKENS", "value": "300"} in container["env"]
        assert len(given) == len(set(given)), "a variable twice ends server-side apply"


def test_a_restore_that_is_done_has_to_be_turned_off(tmp_path: Path) -> None:
    restoring = SCENARIOS / "backup.yaml"
    (job,) = (
        job
        for job in render(restoring).of_kind("Job")
        if job["metadata"]["labels"]["app.kubernetes.io/component"] == "restore"
    )

    assert upgrade([job], tmp_path, restoring).one("Job", job["metadata"]["name"]) == job
    with pytest.raises(HelmRefused, match=r"restore\.enabled=false"):
        upgrade([{**job, "status": {"succeeded": 1}}], tmp_path, restoring)
