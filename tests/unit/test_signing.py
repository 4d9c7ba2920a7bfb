from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from pydantic import SecretStr

from lectern.errors import Forbidden
from lectern.objects.signing import sign, signed_url, signing_secret, verify
from lectern.settings import Settings

FAR = 9_999_999_999
KEY = "uploads/c/d/1/é 한.pdf"


def test_a_link_opens_what_it_was_made_for() -> None:
    url = signed_url(
        "http://localhost/catalog/", KEY, "GET", expires_s=60, secret=b"s", file_name="a & b.pdf"
    )
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}

    assert url.startswith("http://localhost/catalog/v1/objects/uploads/c/d/1/%C3%A9%20")
    verify(
        unquote(parts.path).removeprefix("/catalog/v1/objects/"),
        query["method"],
        query["expires"],
        query["signature"],
        b"s",
        file_name=query["file_name"],
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"key": "uploads/c/d/2/other.pdf"}, id="another key"),
        pytest.param({"method": "PUT"}, id="another method"),
        pytest.param({"method": "DELETE"}, id="no method of ours"),
        pytest.param({"expires_at": str(FAR + 1)}, id="a later end"),
        pytest.param({"expires_at": f"0{FAR}"}, id="the end written otherwise"),
        pytest.param({"expires_at": "٣"}, id="digits of another script"),
        pytest.param({"expires_at": "9" * 5000}, id="too many digits"),
        pytest.param({"expires_at": ""}, id="no end"),
        pytest.param({"signature": ""}, id="no signature"),
        pytest.param({"signature": "é\ud800"}, id="a signature of odd characters"),
        pytest.param({"secret": b"another"}, id="another key pair"),
        pytest.param({"file_name": "virus.exe"}, id="another file name"),
        pytest.param({"key": "\ud800"}, id="a broken key"),
    ],
)
def test_a_changed_link_opens_nothing(change: dict[str, object]) -> None:
    link: dict[str, object] = {
        "key": KEY,
        "method": "GET",
        "expires_at": str(FAR),
        "signature": sign(KEY, "GET", FAR, b"s"),
        "secret": b"s",
    }

    verify(**link)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        verify(**link | change)  # type: ignore[arg-type]


def test_a_link_ends() -> None:
    with pytest.raises(Forbidden, match="expired"):
        verify(KEY, "GET", "1000", sign(KEY, "GET", 1000, b"s"), b"s")


def test_a_configured_key_is_used(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, signing_key=SecretStr("configured"))

    assert signing_secret(settings) == b"configured"
    assert list(tmp_path.iterdir()) == []


def test_a_key_of_this_machine_is_made_once(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "new")
    with ThreadPoolExecutor(8) as threads:
        secrets = set(threads.map(lambda _: signing_secret(settings), range(8)))

    assert len(secrets) == 1
    assert len(secrets.pop()) == 64
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["signing.key"]
    assert (tmp_path / "new" / "signing.key").stat().st_mode & 0o777 == 0o600
