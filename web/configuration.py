"""The settings of the web process, from the environment (prefix `LECTERN_`).

Only `web.asgi` and `web.__main__` read them; everything else gets what it needs handed in.
"""

import re
from functools import cache
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?", re.IGNORECASE)
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


class WebSettings(BaseSettings):
    """The effective settings of this process; each field says what it is and its unit."""

    model_config = SettingsConfigDict(env_prefix="LECTERN_", frozen=True, extra="ignore")

    home: Annotated[Path, Field(description="Folder of this machine's data.")] = Path(".lectern")
    ca_file: Annotated[
        str,
        Field(
            description="File with certificates (PEM) of authorities that are trusted beside the "
            "public ones, by the object store's host. Empty: the public ones alone."
        ),
    ] = ""
    function_url: Annotated[
        str, Field(description="Address of a function; {function} is its name.")
    ] = "http://127.0.0.1:8080/{function}"
    web_host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65535, description="Port to listen on.")] = 8501
    web_metrics_port: Annotated[
        int,
        Field(
            ge=0,
            le=65535,
            description="Port of Prometheus' /metrics, apart from the one people reach. 0: none.",
        ),
    ] = 0
    web_public_url: Annotated[
        str,
        Field(
            description="Address people open, such as https://lectern.example.org. Needed behind a "
            "proxy that changes the Host header; with https the cookie is Secure in any case."
        ),
    ] = ""
    web_upload_origin: Annotated[
        str,
        Field(
            description="Scheme and host of the object store as browsers reach it, such as "
            "https://lectern.example.org:9000. Uploads go there directly then; its bucket must "
            "allow PUT from the origin of the page (CORS). Empty: they pass through this process."
        ),
    ] = ""
    web_secret: Annotated[
        SecretStr,
        Field(description="Seals the session cookie; the same on all pods. Empty: made in home."),
    ] = SecretStr("")
    web_trusted_proxies: Annotated[
        str,
        Field(
            description="Networks, separated by commas, of proxies whose X-Forwarded-For (its last "
            "entry) and X-Forwarded-Proto are believed. Empty: nobody's."
        ),
    ] = ""
    web_owner_token_file: Annotated[
        Path | None,
        Field(
            description="File with the token of this machine's owner, who signs in with a one-time "
            "link. Empty: everybody signs in with a password or OIDC."
        ),
    ] = None
    web_session_days: Annotated[
        int, Field(ge=1, le=365, description="Longest life of a sign-in, in days.")
    ] = 30
    web_picture_cache_bytes: Annotated[
        int, Field(ge=0, description="Memory for page pictures that were shown lately.")
    ] = 32 << 20

    @field_validator("web_upload_origin")
    @classmethod
    def _is_an_origin(cls, value: str) -> str:
        origin = value.removesuffix("/")
        if origin and not _ORIGIN.fullmatch(origin):
            message = f"{value!r} is no origin; write it as https://host or https://host:port"
            raise ValueError(message)
        return origin.lower()

    @property
    def public_origin(self) -> str:
        """Scheme and host of `web_public_url`, or "" when it is not set."""
        parts = urlsplit(self.web_public_url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

    @property
    def host_names(self) -> frozenset[str]:
        """The only Host names that are answered; empty means any.

        A server on loopback answers to loopback names alone, so that a web page whose name is
        made to point here (DNS rebinding) gets nothing.
        """
        if self.web_host not in LOOPBACK_NAMES | {"::1"}:
            return frozenset()
        public = urlsplit(self.web_public_url).hostname
        return LOOPBACK_NAMES | ({public} if public else frozenset())


@cache
def settings() -> WebSettings:
    """Return the settings of this process."""
    return WebSettings()
