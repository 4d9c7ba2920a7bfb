"""Which addresses are public, and which addresses may be asked for."""

import ipaddress

import pytest

from functions.catalog.addresses import admitted, is_public, networks
from functions.catalog.fetching import Fetched, FetchPolicy, checked
from functions.catalog.urls import document_name
from lectern.errors import InvalidRequest

NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104 - nothing is bound to it
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.8.8",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:93.184.216.34",
    "64:ff9b::7f00:1",
    "64:ff9b::5db8:d822",
    "64:ff9b:1::1",
    "100::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_ours_or_nobodys_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    assert admitted(["93.184.216.34", address], 443, FetchPolicy().reaches) == ()


@pytest.mark.parametrize(
    ("address", "port", "reached"),
    [
        pytest.param("10.1.2.3", 8090, True, id="what the operator has opened, on any port"),
        pytest.param("10.1.2.4", 80, False, id="its neighbour"),
        pytest.param("::ffff:10.1.2.3", 80, False, id="the same, dressed as IPv6"),
        pytest.param("93.184.216.34", 443, True, id="public, on its usual port"),
        pytest.param("93.184.216.34", 8090, False, id="public, on another port"),
    ],
)
def test_only_what_the_operator_has_opened_is_reached_inside(
    address: str, port: int, *, reached: bool
) -> None:
    policy = FetchPolicy(inside=networks("10.1.2.3, 192.168.7.0/24"))

    assert bool(admitted([address], port, policy.reaches)) is reached


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1"])
def test_the_rest_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
    assert admitted([address, address], 443, FetchPolicy().reaches) == [address]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.com/a",
        "gopher://example.com/",
        "javascript:alert(1)",
        "example.com",
        "http://",
        "http:///path",
        "http://user@example.com/",
        "http://user:secret@example.com/",
        "http://:@example.com/",
        "http://example.com:22/",
        "https://example.com:8443/",
        "http://example.com:port/",
        "http://example.com:99999/",
        "http://[::1",
        "http://[fe80::1%25eth0]/",
        "http://exa mple.com/",
        "http://example.com/a\r\nHost: inside",
        "http://%31%32%37.0.0.1/",
        "http://" + "a" * 70 + ".com/",
    ],
)
def test_what_is_no_plain_web_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked(url, FetchPolicy())

    assert refused.value.code == "url_refused"
    assert "secret" not in refused.value.detail


@pytest.mark.parametrize(
    ("url", "netloc", "path"),
    [
        ("HTTPS://Example.COM/a?b=c#d", "example.com", "/a"),
        ("http://example.com:80", "example.com:80", "/"),
        ("https://b\u00fccher.example/", "xn--bcher-kva.example", "/"),
        ("http://[2606:2800:220:1::1]/x", "[2606:2800:220:1::1]", "/x"),
    ],
)
def test_an_address_is_taken_apart_once(url: str, netloc: str, path: str) -> None:
    parts = checked(url, FetchPolicy())

    assert (parts.netloc, parts.path, parts.fragment) == (netloc, path, "")


@pytest.mark.parametrize(
    ("wanted", "url", "content_type", "name"),
    [
        ("", "https://a.example/guide.pdf", "application/pdf", "guide.pdf"),
        ("", "https://a.example/guide", "application/pdf", "guide.pdf"),
        ("", "https://a.example/", "text/html", "a.example.html"),
        ("", "https://a.example/index.php", "text/html", "index.php.html"),
        ("", "https://a.example/%ED%95%9C%2Fx.txt", "text/plain", "x.txt"),
        ("", "https://a.example/data.csv", "application/octet-stream", "data.csv"),
        ("Guide", "https://a.example/x", "text/html", "Guide.html"),
        ("", "https://a.example/readme.md", "text/plain", "readme.md"),
    ],
)
def test_a_document_is_named_by_its_address_and_what_came(
    wanted: str, url: str, content_type: str, name: str
) -> None:
    fetched = Fetched(url, content_type, None)  # type: ignore[arg-type]

    assert document_name(wanted, fetched) == name
