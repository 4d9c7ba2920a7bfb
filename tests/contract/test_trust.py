"""An authority of one's own is trusted by everything that opens a connection, beside public ones.

Each client runs in a process of its own, as the roots are the process's.
"""

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import make_url

from lectern.catalog.database import without_password
from tests.authority import ADDRESS, Authority
from tests.postgres import postgres_over_tls

_ROOTS = ("SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PGSSLROOTCERT")
_PASSWORD = "pass w/rd%"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def s3_port() -> Iterator[int]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture(scope="module")
def http_port() -> Iterator[int]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def run(
    home: Path, *command: str, ca: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run Python in a home without any root certificate."""
    environment = {name: value for name, value in os.environ.items() if name not in _ROOTS}
    environment |= {"HOME": str(home), "LECTERN_HOME": str(home / "lectern"), "NO_PROXY": ADDRESS}
    environment |= {"no_proxy": ADDRESS} | variables
    environment |= {"LECTERN_CA_FILE": str(ca)} if ca else {}
    return subprocess.run(
        [sys.executable, *command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


CLIENTS = {
    "models, the provider, web searches": "import httpx; httpx.get(url)",
    "chat, MCP": "import httpx2; httpx2.get(url)",
    "neighbours": "import httpx; httpx.get(url, verify=tls_context(), trust_env=False)",
    "spans": "import requests; requests.get(url)",
    "the store": "object_store(settings).write('uploads/a', b'A')",
    "the index": "collection_index(settings, 'c1').delete_document('d')",
}
_SCRIPT = """
from lectern.index import collection_index
from lectern.objects import object_store
from lectern.settings import Settings
from lectern.trust import tls_context, trust

settings = Settings()
trust(settings.ca_file, settings.home)
url = settings.s3_endpoint
"""


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_trusts_the_authority_and_only_then(
    client: str, authority: Authority, s3_port: int, http_port: int, tmp_path: Path
) -> None:
    needs_s3 = "settings" in CLIENTS[client]
    script = textwrap.dedent(_SCRIPT) + CLIENTS[client]
    with authority.in_front_of(s3_port if needs_s3 else http_port) as url:
        variables = {
            "LECTERN_S3_ENDPOINT": url,
            "LECTERN_S3_ACCESS_KEY": "key",
            "LECTERN_S3_SECRET_KEY": "secret",
            "LECTERN_STORE": "s3://trusted/lectern",
        }
        if needs_s3:
            make = "import boto3"
            made = run(tmp_path, "-c", _SCRIPT + make + _BUCKET, ca=authority.ca, **variables)
            assert made.returncode == 0, made.stderr
        without = run(tmp_path, "-c", script, **variables)
        trusting = run(tmp_path, "-c", script, ca=authority.ca, **variables)

    assert without.returncode != 0, "it trusts whoever comes"
    assert trusting.returncode == 0, trusting.stderr


_BUCKET = """
boto3.client("s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="key",
             aws_secret_access_key="secret").create_bucket(Bucket="trusted")
"""


def test_public_authorities_stay_trusted(authority: Authority, tmp_path: Path) -> None:
    count = "import os, ssl; print(len(ssl.create_default_context(cafile=os.environ"
    script = f"{_SCRIPT}\n{count}['SSL_CERT_FILE']).get_ca_certs()))"
    done = run(tmp_path, "-c", script, ca=authority.ca)

    assert int(done.stdout) > 50, done.stderr


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(None, "cannot be read: No such file", id="missing"),
        pytest.param("no certificate", "holds no certificate as PEM", id="something else"),
    ],
)
def test_a_file_without_certificates_is_refused(
    content: str | None, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "ca.crt"
    if content is not None:
        path.write_text(content)

    done = run(tmp_path, "-m", "lectern.cli", "migrate", ca=path)

    assert done.returncode == 1
    assert str(path) in done.stderr
    assert says in done.stderr


@pytest.mark.postgres
@pytest.mark.parametrize("mode", ["verify-full", "verify-ca"])
def test_postgresql_is_verified(mode: str, authority: Authority, tmp_path: Path) -> None:
    user = make_url(f"postgresql://{ADDRESS}/postgres").set(username="lectern", password=_PASSWORD)
    with postgres_over_tls(authority.certificate, authority.key, ADDRESS) as port:
        url = user.set(port=port, query={"sslmode": mode}).render_as_string(hide_password=False)
        migrate = ("-m", "lectern.cli", "migrate")
        without = run(tmp_path, *migrate, LECTERN_DATABASE_URL=url)
        trusting = run(tmp_path, *migrate, ca=authority.ca, LECTERN_DATABASE_URL=url)

    assert without.returncode == 1
    assert "certificate" in without.stderr, "libpq's own reason is to be seen"
    assert _PASSWORD not in without.stderr
    assert trusting.returncode == 0, trusting.stderr


@pytest.mark.postgres
def test_another_name_than_the_certificates_is_refused(
    authority: Authority, tmp_path: Path
) -> None:
    elsewhere = "127.0.0.3"
    with postgres_over_tls(authority.certificate, authority.key, elsewhere) as port:
        url = f"postgresql://lectern@{elsewhere}:{port}/postgres?sslmode=verify-full"
        done = run(
            tmp_path, "-m", "lectern.cli", "migrate", ca=authority.ca, LECTERN_DATABASE_URL=url
        )

    assert done.returncode == 1
    assert "does not match host name" in done.stderr, done.stderr


def test_no_spelling_of_the_password_is_shown() -> None:
    url = make_url("postgresql://lectern@host/name").set(password=_PASSWORD)
    reason = f"tried {_PASSWORD}\nand pass%20w%2Frd%25 and pass+w%2Frd%25"

    assert without_password(reason, url) == "tried *** and *** and ***"
