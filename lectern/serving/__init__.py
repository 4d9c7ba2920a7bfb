"""How a function is served: as a consumer of events, or as an HTTP API.

Both answer `GET /healthz` (the process lives), `GET /readyz` (what the first request needs is
loaded) and `GET /metrics` (Prometheus text).
"""

from lectern.serving.consumer import consumes
from lectern.serving.http import Api

__all__ = ["Api", "consumes"]
