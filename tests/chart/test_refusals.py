"""What cannot work is refused before anything is installed, in words that say what to do."""

import functools
import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.chart.helm import CHART, HelmRefused, render

pytestmark = pytest.mark.usefixtures("helm")

_OWN_STATE = {
    "objectStore": {"url": "s3://documents", "bundled": {"enabled": False}},
    "database": {"existingSecret": "postgres", "bundled": {"enabled": False}},
}
CASES: Mapping[str, tuple[dict[str, Any], str]] = {
    "a dead letter sink that is no function": (
        {"deadLetterSink": "cellar"},
        r'deadLetterSink is "cellar".*maintain',
    ),
    "a first byte after the end": (
        {"functions": {"parse": {"timeoutSeconds": 30, "responseStartTimeoutSeconds": 31}}},
        r"functions\.parse\.responseStartTimeoutSeconds \(31\) is longer",
    ),
    "a silence longer than the whole": (
        {"functions": {"parse": {"timeoutSeconds": 60, "idleTimeoutSeconds": 61}}},
        r"functions\.parse\.idleTimeoutSeconds \(61\) is longer",
    ),
    "more pods at least than at most": (
        {"functions": {"embed": {"minScale": 5}}},
        r"functions\.embed\.minScale \(5\) is more than its maxScale",
    ),
    "a start longer than Knative waits": (
        {"functions": {"embed": {"startupSeconds": 1800}}},
        r"functions\.embed\.startupSeconds \(1800\) has to be shorter",
    ),
    "events for intake without trust": (
        {"functions": {"intake": {"events": ["com.amazonaws.s3:ObjectCreated:Put"]}}},
        r"settings\.intakeTrustsBroker=true",
    ),
    "a delivery that ends before the work": (
        {"delivery": {"timeout": "PT9M59.5S"}},
        r"\(PT9M59\.5S\) of functions\.embed ends before its timeoutSeconds \(600\)",
    ),
    "a delivery of one function that ends before its work": (
        {
            "functions": {
                "parse": {
                    "delivery": {
                        "retry": 1,
                        "backoffPolicy": "linear",
                        "backoffDelay": "PT1S",
                        "timeout": "PT5M",
                    }
                }
            }
        },
        r"\(PT5M\) of functions\.parse ends before",
    ),
    "an open door to an intake that believes everybody": (
        {
            "settings": {"intakeTrustsBroker": True},
            "functions": {"intake": {"visibility": "public"}},
        },
        r"functions\.intake\.visibility=public lets anybody send it something",
    ),
    "an intake that believes everybody, through the edge": (
        {
            "settings": {"intakeTrustsBroker": True},
            "domainMapping": {
                "enabled": True,
                "host": "{function}.example.org",
                "functions": ["intake"],
            },
            "httpRoute": {
                "enabled": True,
                "host": "lectern.example.org",
                "parentRefs": [{"name": "public"}],
                "api": {"enabled": True, "functions": ["catalog", "intake"]},
            },
        },
        r"httpRoute\.api\.functions and domainMapping\.functions lets",
    ),
    "Kafka without Kafka": ({"broker": {"class": "Kafka"}}, r"kafka\.bootstrapServers"),
    "RabbitMQ without RabbitMQ": (
        {"broker": {"class": "RabbitMQBroker"}},
        r"rabbitmq\.cluster or \.connectionSecret",
    ),
    "a channel for a broker without channels": (
        {
            "broker": {
                "class": "Kafka",
                "config": {
                    "kafka": {"bootstrapServers": "kafka:9092"},
                    "channel": {
                        "apiVersion": "messaging.knative.dev/v1",
                        "kind": "InMemoryChannel",
                    },
                },
            }
        },
        r"broker\.config\.channel belongs to MTChannelBasedBroker",
    ),
    "two addresses of the broker": (
        {"broker": {"address": "http://broker.example.org", "sinkBinding": True}},
        r"choose one",
    ),
    "two object stores": (
        {"objectStore": {"url": "s3://documents"}},
        r"objectStore\.bundled\.enabled=false",
    ),
    "an endpoint for the bundled store": (
        {"objectStore": {"endpoint": "https://objects.example.org"}},
        r"objectStore\.endpoint is for a store of your own",
    ),
    "no object store": (
        {"objectStore": {"bundled": {"enabled": False}}},
        r"There is no object store: set objectStore\.url",
    ),
    "no database": (
        {"database": {"bundled": {"enabled": False}}},
        r"There is no database: set database\.existingSecret",
    ),
    "two databases": (
        {"database": {"existingSecret": "postgres"}},
        r"database\.existingSecret and database\.bundled\.enabled",
    ),
    "a vault without a name": (
        {"externalSecrets": {"enabled": True}},
        r"externalSecrets\.storeRef\.name",
    ),
    "a fetched Secret without a name": (
        {
            **_OWN_STATE,
            "externalSecrets": {
                "enabled": True,
                "storeRef": {"name": "vault"},
                "remoteKeys": {"own": "lectern/own"},
            },
        },
        r"externalSecrets\.remoteKeys\.own is fetched into .*secrets\.existingSecret",
    ),
    "two places of certificates": (
        {"trust": {"caSecret": "own", "caConfigMap": "own"}},
        r"trust\.caSecret and trust\.caConfigMap both hold certificates",
    ),
    "a fetched password without a name": (
        {
            "externalSecrets": {
                "enabled": True,
                "storeRef": {"name": "vault"},
                "remoteKeys": {"copy": "lectern/copy"},
            },
        },
        r"remoteKeys\.copy is fetched into .*backup\.copy\.existingSecret",
    ),
    "a vault that another namespace does not see": (
        {
            "externalSecrets": {
                "enabled": True,
                "storeRef": {"name": "vault", "kind": "SecretStore"},
                "remoteKeys": {"fluentBit": "lectern/logs"},
            },
            "logging": {
                "fluentBit": {
                    "enabled": True,
                    "host": "opensearch.logs",
                    "namespace": "logs",
                    "auth": {"existingSecret": "opensearch"},
                }
            },
        },
        r"which logs does not see",
    ),
    "an issuer without a client": (
        {"settings": {"oidcIssuer": "https://login.example.org"}},
        r"settings\.oidcClientId",
    ),
    "an embedding endpoint without a model": (
        {"settings": {"embedder": "endpoint", "embeddingUrl": "https://models.example.org"}},
        r"settings\.embeddingModel",
    ),
    "a chat endpoint without a model": (
        {"settings": {"chatUrl": "https://models.example.org"}},
        r"settings\.chatModel",
    ),
    "a rerank endpoint without a model": (
        {"settings": {"rerankUrl": "https://models.example.org"}},
        r"settings\.rerankModel",
    ),
    "a parser that takes longer than a delivery": (
        {
            "settings": {
                "doclingUrl": "http://docling.docling:5001",
                "doclingTimeoutS": 300,
                "parseWallS": 301,
            }
        },
        r"settings\.doclingTimeoutS and settings\.parseWallS are 601 s together",
    ),
    "a copy inside of what it copies": (
        {**_OWN_STATE, "backup": {"copy": {"url": "s3://documents/copy"}}},
        r"copy to another bucket",
    ),
    "an administrator without a password": (
        {"administrator": {"name": "ada"}},
        r"administrator\.name needs administrator\.existingSecret",
    ),
    "loss without a version to go to": (
        {"migration": {"acceptLoss": True}},
        r"migration\.acceptLoss belongs to migration\.to",
    ),
    "a restore over something, of nothing in particular": (
        {"restore": {"enabled": True, "force": True}},
        r"restore\.force replaces what there is: say with what",
    ),
    "an ingress to a Knative Service": (
        {
            "web": {"kind": "KnativeService"},
            "ingress": {"enabled": True, "host": "lectern.example.org"},
        },
        r"domainMapping\.webHost or httpRoute",
    ),
    "two ways to one host": (
        {
            "ingress": {"enabled": True, "host": "lectern.example.org"},
            "httpRoute": {
                "enabled": True,
                "host": "lectern.example.org",
                "parentRefs": [{"name": "public"}],
            },
        },
        r"two ways to one host",
    ),
    "two issuers of one certificate": (
        {
            "ingress": {
                "enabled": True,
                "host": "lectern.example.org",
                "tls": {"clusterIssuer": "letsencrypt", "issuer": "own"},
            }
        },
        r"both name who signs",
    ),
    "a domain mapped to a Deployment": (
        {"domainMapping": {"enabled": True, "webHost": "lectern.example.org"}},
        r"web\.kind=KnativeService",
    ),
    "more web pods at least than at most": (
        {"web": {"autoscaling": {"enabled": True, "minReplicas": 9, "maxReplicas": 3}}},
        r"web\.autoscaling\.minReplicas \(9\)",
    ),
    "a host for a function that is none": (
        {"domainMapping": {"functions": ["cellar"]}},
        r'domainMapping\.functions names "cellar"',
    ),
    "a node selector without its flag": (
        {"scheduling": {"nodeSelector": {"pool": "documents"}}},
        r"kubernetes\.podspec-nodeselector.*featureFlags\.nodeSelector=true",
    ),
}
NEEDS_A_CLUSTER = {  # texts of `fail` behind a `lookup`: tests.chart.test_upgrades
    "never changes a Broker's class",
    "has restored the backup",
    "belongs to Knative",
    "and Knative never changes it",
    "was made with %s and keeps it",
}


@functools.cache
def refusal(case: str) -> str:
    """Return what Helm prints for a case, on one line."""
    with pytest.raises(HelmRefused) as refused:
        render(values=CASES[case][0])
    return " ".join(str(refused.value).split())


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_work_is_refused(case: str) -> None:
    assert re.search(CASES[case][1], refusal(case)), refusal(case)


def test_a_cluster_without_knative_is_refused() -> None:
    with pytest.raises(HelmRefused, match=r"Knative Serving .* is not in this cluster"):
        render(apis=("eventing.knative.dev/v1",))
    with pytest.raises(HelmRefused, match=r"Knative Eventing .* is not in this cluster"):
        render(apis=("serving.knative.dev/v1",))


def test_a_cluster_without_an_operator_that_is_needed_is_refused() -> None:
    knative = ("serving.knative.dev/v1", "eventing.knative.dev/v1")
    values = {"database": {"bundled": {"enabled": False}, "cloudNativePG": {"enabled": True}}}

    with pytest.raises(HelmRefused, match=r"needs the CloudNativePG operator"):
        render(values=values, apis=knative)


def test_without_a_cluster_it_renders_when_told_to() -> None:
    assert render(values={"knative": {"checkCapabilities": False}}, apis=()).objects


def test_every_refusal_is_tested() -> None:
    printed = [refusal(case) for case in CASES]
    texts = [
        text
        for path in sorted(CHART.glob("templates/**/*.tpl"))
        for text in re.findall(r'fail (?:\(printf )?"((?:[^"\\]|\\.)*)"', path.read_text())
    ]

    assert texts
    for text in texts:
        words = " ".join(text.replace("\\n", " ").replace('\\"', '"').split())
        pattern = ".*".join(re.escape(part) for part in re.split(r"%[sdq]", words))
        is_tested = any(re.search(pattern, each) for each in printed)
        is_for_later = any(known in words for known in NEEDS_A_CLUSTER)
        is_of_capabilities = "is not in this cluster" in words
        assert is_tested or is_for_later or is_of_capabilities, f"no test provokes {words!r}"
