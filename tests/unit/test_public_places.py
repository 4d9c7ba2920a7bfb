"""Where people and programs find Lectern."""

import pytest

from functions.answer.places import PublicPlaces

LOCAL = PublicPlaces("http://127.0.0.1:8080/answer", "http://127.0.0.1:8501")
CLUSTER = PublicPlaces("https://answer.example.org", "https://lectern.example.org")


def test_a_link_leads_to_a_page_of_a_document_whatever_its_id_is() -> None:
    assert CLUSTER.link_to("d1", 3) == "https://lectern.example.org/library?d=d1&p=3"
    assert CLUSTER.link_to("a&p=1#x", 3).endswith("?d=a%26p%3D1%23x&p=3")


def test_without_an_address_of_the_web_ui_there_is_no_link() -> None:
    assert PublicPlaces("https://answer.example.org").link_to("d1", 3) == ""


@pytest.mark.parametrize(
    ("places", "origin", "own"),
    [
        (CLUSTER, "https://lectern.example.org", True),
        (CLUSTER, "https://LECTERN.example.org:443", True),
        (CLUSTER, "http://lectern.example.org", False),
        (CLUSTER, "https://lectern.example.org.evil.test", False),
        (CLUSTER, "http://127.0.0.1:8080", False),
        (CLUSTER, "null", False),
        (LOCAL, "http://localhost:6274", True),
        (LOCAL, "http://[::1]:6274", True),
        (LOCAL, "http://127.0.0.1.evil.test", False),
        (LOCAL, "http://127.0.0.1@evil.test", False),
        (LOCAL, "http://localhost:99999999", False),
        (LOCAL, "https://evil.test", False),
    ],
)
def test_only_pages_of_ones_own_places_may_ask(
    places: PublicPlaces, origin: str, *, own: bool
) -> None:
    assert places.is_origin(origin) is own
