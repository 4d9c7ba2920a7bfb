"""The web UI as an ASGI application for a server: `uvicorn web.asgi:app`, or `python -m web`."""

from web.application import build
from web.configuration import settings
from web.forwarded import LastHop

app = LastHop(build(settings()), settings().web_trusted_proxies)
