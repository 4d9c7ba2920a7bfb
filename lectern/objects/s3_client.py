"""How Lectern speaks to S3: the connection, and what its errors mean."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lectern.errors import LecternError, PermanentError, RateLimited, SourceGone, TransientError

_CONNECT_TIMEOUT_S = 5
_READ_TIMEOUT_S = 60
_ATTEMPTS = 4
_CONNECTIONS = 32

_GONE = frozenset({"404", "NoSuchKey", "NotFound"})
_DENIED = frozenset(
    {
        "401",
        "403",
        "AccessDenied",
        "AllAccessDisabled",
        "AuthorizationHeaderMalformed",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
    }
)
_PATIENCE = frozenset(
    {"429", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException"}
)
_TEMPORARY = frozenset(
    {
        "ConditionalRequestConflict",
        "ExpiredToken",
        "IncompleteBody",
        "OperationAborted",
        "RequestTimeout",
        "RequestTimeTooSkewed",
    }
)
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class S3Connection:
    """Where and as whom; empty fields mean what AWS's own tools would use."""

    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)

    def client(self) -> Any:
        """Return a boto3 client, safe to share between threads, not between processes.

        Other endpoints than AWS get path-style addresses, which need no DNS name per bucket, and
        checksums only where the protocol demands them, because not all of them know the new ones.
        """
        import boto3
        from botocore.config import Config

        config = Config(
            connect_timeout=_CONNECT_TIMEOUT_S,
            read_timeout=_READ_TIMEOUT_S,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            max_pool_connections=_CONNECTIONS,
            signature_version="s3v4",
            s3={"addressing_style": "path" if self.endpoint else "auto"},
            request_checksum_calculation="when_required" if self.endpoint else "when_supported",
            response_checksum_validation="when_required" if self.endpoint else "when_supported",
        )
        return boto3.session.Session().client(
            "s3",
            region_name=self.region or None,
            endpoint_url=self.endpoint or None,
            aws_access_key_id=self.access_key or None,
            aws_secret_access_key=self.secret_key or None,
            config=config,
        )


@contextlib.contextmanager
def translated(key: str, bucket: str) -> Iterator[None]:
    """Turn boto3's errors into Lectern's, about the object at `key`.

    Raises:
        SourceGone: There is no such object.
        PermanentError: Access is denied (code `store_denied`), or the request is refused in a way
            that a repetition will not change (code `store_refused`).
        TransientError: The endpoint is unreachable, slow, overloaded or broke off.
    """
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ClientError as error:
        raise of_answer(error.response, key, bucket) from error
    except NoCredentialsError as error:
        raise PermanentError(
            "there are no credentials for the object store; set LECTERN_S3_ACCESS_KEY and "
            "LECTERN_S3_SECRET_KEY, or give the process a role",
            code="store_denied",
        ) from error
    except (BotoCoreError, Boto3Error, HTTPError) as error:
        raise TransientError(
            f"the object store cannot be reached: {type(error).__name__}", code="store_unavailable"
        ) from error


def of_answer(response: dict[str, Any], key: str, bucket: str) -> LecternError:
    """Return the error that an error answer of S3 means (S3 API reference, "Error responses")."""
    code = str(response.get("Error", {}).get("Code", ""))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _GONE:
        return SourceGone(f"there is no object at {key!r}")
    if code == "NoSuchBucket":
        return PermanentError(
            f"there is no bucket {bucket!r}; create it or correct LECTERN_STORE", code="no_bucket"
        )
    if code in _DENIED:
        return PermanentError(
            f"the object store denies access to bucket {bucket!r} ({code}); check the keys and "
            "that they may get, put, list and delete objects",
            code="store_denied",
        )
    if code in _PATIENCE:
        return RateLimited("the object store asks for patience", code="store_busy")
    if status >= _SERVER_ERROR or code in _TEMPORARY:
        return TransientError(
            f"the object store is in trouble ({code or status})", code="store_unavailable"
        )
    return PermanentError(f"the object store refused: {code or status}", code="store_refused")
