"""Who may tell intake that an object has arrived."""

import hmac
from collections.abc import Mapping

from functions.intake.notifications import is_cloud_event
from lectern.errors import Unauthorized


def require_token(
    headers: Mapping[str, str], query_token: str, *, token: str, trusts_broker: bool
) -> None:
    """Return if the sender may notify.

    With a token configured, every request must carry it: as `Authorization: <token>` (what MinIO
    sends), as `Authorization: Bearer <token>`, or as `?token=` for senders that know no headers.
    A broker drops headers, so a Trigger either names `/?token=…` as its subscriber's address, or
    `trusts_broker` lets everything in that claims to be a CloudEvent. Anybody can claim that:
    then only the network protects intake.

    Args:
        headers: Names in lower case.
        query_token: The value of `?token=`, or "".
        token: The configured token; "" lets everybody in.
        trusts_broker: Whether CloudEvents need no token.

    Raises:
        Unauthorized: The token is missing or wrong.
    """
    if not token or (trusts_broker and is_cloud_event(headers)):
        return
    authorization = headers.get("authorization", "")
    bearer = authorization[7:] if authorization[:7].lower() == "bearer " else ""
    given = (authorization, bearer.strip(), query_token)
    if not any(hmac.compare_digest(each.encode(), token.encode()) for each in given):
        raise Unauthorized("send the intake token: 'Authorization: Bearer …' or '?token=…'")
