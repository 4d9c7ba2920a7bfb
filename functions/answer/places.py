"""Where people and programs find this Lectern: links to documents, and whose pages may ask."""

from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

_LOOPBACK_NAMES = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class PublicPlaces:
    """The addresses of the answer function's API and of the web UI; `web` is "" if unknown."""

    api: str
    web: str = ""

    def link_to(self, document_id: str, page_number: int) -> str:
        """Return the address of a page of a document in the web UI; "" where there is none."""
        if not self.web:
            return ""
        return f"{self.web.rstrip('/')}/library?d={quote(document_id, safe='')}&p={page_number}"

    def is_origin(self, origin: str) -> bool:
        """Return whether a page of this `Origin` may ask: one of Lectern's own addresses.

        Where the API is on loopback, every page on loopback is as near as it. A page of another
        site, whatever its name resolves to, never is.
        """
        own = [urlsplit(address) for address in (self.api, self.web) if address]
        try:
            asking = urlsplit(origin)
            if any(_place(asking) == _place(address) for address in own):
                return True
        except ValueError:  # a port that is none
            return False
        on_loopback = any(address.hostname in _LOOPBACK_NAMES for address in own)
        return on_loopback and asking.scheme == "http" and asking.hostname in _LOOPBACK_NAMES


def _place(address: SplitResult) -> tuple[str, str | None, int | None]:
    usual = {"http": 80, "https": 443}.get(address.scheme)
    return address.scheme, address.hostname, address.port or usual
