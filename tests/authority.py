"""A certificate authority of the tests' own, and servers on loopback that speak TLS with it."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ADDRESS = "127.0.0.2"
"""On loopback, but no name of it that clients keep away from the environment."""


class Authority:
    """Makes `ca.crt`, and a certificate for `ADDRESS` in `server.crt` and `server.key`.

    Args:
        folder: Where to, an existing folder.
    """

    def __init__(self, folder: Path) -> None:
        self.ca, self.certificate, self.key = (
            folder / name for name in ("ca.crt", "server.crt", "server.key")
        )
        own_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        own = _certificate("Lectern's tests", own_key, "Lectern's tests", own_key, is_ca=True)
        signed = _certificate(ADDRESS, key, "Lectern's tests", own_key, is_ca=False)
        self.ca.write_bytes(own.public_bytes(serialization.Encoding.PEM))
        self.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        self.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self.key.chmod(0o600)

    @contextmanager
    def in_front_of(self, port: int) -> Iterator[str]:
        """Give the https address of a server that hands on what it gets to 127.0.0.1:`port`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        with socket.create_server((ADDRESS, 0)) as listening:
            threading.Thread(target=_accept, args=(listening, context, port), daemon=True).start()
            yield f"https://{ADDRESS}:{listening.getsockname()[1]}"


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_ca: bool,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    subject, by = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, issuer)
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if not is_ca:
        addresses = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(ADDRESS))])
        builder = builder.add_extension(addresses, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _accept(listening: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError):  # closed: the test is over
        while True:
            raw, _ = listening.accept()
            threading.Thread(target=_serve, args=(raw, context, port), daemon=True).start()


def _serve(raw: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with (
        suppress(OSError),
        context.wrap_socket(raw, server_side=True) as outside,
        socket.create_connection(("127.0.0.1", port)) as inside,
    ):
        back = threading.Thread(target=_hand_on, args=(inside, outside), daemon=True)
        back.start()
        _hand_on(outside, inside)
        inside.shutdown(socket.SHUT_WR)
        back.join()


def _hand_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
