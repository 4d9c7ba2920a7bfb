"""Which object store the settings mean."""

import functools
from pathlib import Path

from lectern.errors import InvalidRequest
from lectern.objects.port import ObjectStore
from lectern.objects.signing import signing_secret
from lectern.settings import Settings

_PEOPLES_FOLDERS = ("inbox",)


def key_prefix(settings: Settings) -> str:
    """Return what the store puts before its keys in its bucket: "prefix/", or "".

    A store's notifications carry keys with it.
    """
    address = settings.resolved_store()
    prefix = address.removeprefix("s3://").partition("/")[2].strip("/")
    return f"{prefix}/" if prefix and address.startswith("s3://") else ""


@functools.cache
def object_store(settings: Settings) -> ObjectStore:
    """Return the store at `settings.resolved_store()`; one per process and settings.

    Raises:
        InvalidRequest: The address is neither a folder nor `s3://bucket/prefix`.
    """
    address = settings.resolved_store()
    scheme, separator, rest = address.partition("://")
    if not separator:
        from lectern.objects.folder import FolderStore

        return FolderStore(
            Path(address),
            links_base_url=settings.public_url.format(function="catalog"),
            signing_secret=functools.partial(signing_secret, settings),
            keep_folders=_PEOPLES_FOLDERS,
        )
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise InvalidRequest(
            f"LECTERN_STORE {address!r} is neither a folder nor 's3://bucket/prefix'"
        )
    from lectern.objects.s3 import S3Store
    from lectern.objects.s3_client import S3Connection

    connection = S3Connection(
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
    )
    return S3Store(bucket, prefix.strip("/"), connection)
