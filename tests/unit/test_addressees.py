"""Which function a dead letter was for, from the address the broker gave up on."""

import pytest

from functions.maintain.dead_letters import addressee_of
from lectern.events import Envelope
from lectern.failures import GRAPH_STAGE

CLUSTER = "http://lectern-{function}.lectern.svc.cluster.local"
ONE_HOST = "http://127.0.0.1:8080/{function}"


@pytest.mark.parametrize(
    ("function_url", "destination", "function"),
    [
        (CLUSTER, "http://lectern-graph-extract.lectern.svc.cluster.local", GRAPH_STAGE),
        (CLUSTER, "http://lectern-parse.lectern.svc.cluster.local/", "parse"),
        (CLUSTER, "http://embed.elsewhere.svc.cluster.local/", "embed"),
        (ONE_HOST, "http://127.0.0.1:8080/graph-extract/", GRAPH_STAGE),
        (ONE_HOST, "http://[", "unknown"),
        (ONE_HOST, "", "unknown"),
    ],
)
def test_the_address_names_the_function_whatever_the_release_is_called(
    function_url: str, destination: str, function: str
) -> None:
    letter = Envelope(
        event_id="1",
        event_type="dev.lectern.part.parsed.v1",
        source="/lectern/parse",
        subject="d",
        data=b"{}",
        extensions={"knativeerrordest": destination},
    )

    assert addressee_of(letter, function_url) == function
