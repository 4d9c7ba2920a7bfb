"""One HTTP exchange with a process of this machine, over the standard library only.

The supervisor stays small: it neither needs connection pools nor TLS.
"""

import http.client
from collections.abc import Mapping

from lectern.local.rules import Answer, no_answer

_MAX_ANSWER_BYTES = 16 << 20


def request(
    address: tuple[str, int],
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    timeout_s: float,
) -> Answer:
    """Return the answer, or one with status 0 if none came; never raises.

    Args:
        address: Host and port.
        method: HTTP method.
        path: Path with query.
        headers: Request headers; the length is added.
        body: Request body.
        timeout_s: Longest silence, in seconds.
    """
    connection = http.client.HTTPConnection(*address, timeout=timeout_s)
    try:
        connection.request(method, path, body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        data = response.read(_MAX_ANSWER_BYTES)
        return Answer(response.status, dict(response.getheaders()), data)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return no_answer(f"{type(error).__name__}: {error}")
    finally:
        connection.close()
