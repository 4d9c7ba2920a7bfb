"""An object store in an S3 bucket: AWS, or any endpoint that speaks its protocol."""

import contextlib
import secrets
import sys
import tempfile
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import quote

from lectern.errors import Busy, SourceGone
from lectern.objects.keys import check_folder_prefix, check_key, check_prefix, is_key
from lectern.objects.port import ObjectInfo
from lectern.objects.s3_client import S3Connection, of_answer, translated

_CHUNK_BYTES = 1 << 20
_PART_BYTES = 8 << 20  # of a multipart upload; S3 allows 10,000 parts
_COPY_AT_ONCE_BYTES = 1 << 30  # S3 copies at most 5 GiB in one request
_DELETE_BATCH = 1000  # S3's limit
_CLAIM_TRIES = 5
_TAKEN = frozenset({"PreconditionFailed", "412"})
_CHANGED = _TAKEN | {"ConditionalRequestConflict"}
_CONFLICT = "ConditionalRequestConflict"  # another request for the key was under way
_LINK_MAX_S = 7 * 24 * 3600  # S3's limit


class S3Store:
    """See `ObjectStore`.

    Args:
        bucket: Name of the bucket; it must exist.
        prefix: What stands before every key in the bucket, without "/" at its ends; may be "".
        connection: Where the bucket is.
    """

    def __init__(self, bucket: str, prefix: str, connection: S3Connection) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._connection = connection

    @cached_property
    def _client(self) -> Any:
        return self._connection.client()

    def read(self, key: str) -> bytes:
        """See `ObjectStore.read`."""
        with translated(key, self._bucket):
            answer = self._client.get_object(**self._at(key))
            with contextlib.closing(answer["Body"]) as body:
                return bytes(body.read())

    def read_range(self, key: str, start: int, end: int) -> bytes:
        """See `ObjectStore.read_range`."""
        from botocore.exceptions import ClientError

        if end <= start:
            self.info(key)
            return b""
        with translated(key, self._bucket):
            try:
                answer = self._client.get_object(**self._at(key), Range=f"bytes={start}-{end - 1}")
            except ClientError as error:
                if error.response["Error"]["Code"] != "InvalidRange":  # begins behind the end
                    raise
                return b""
            with contextlib.closing(answer["Body"]) as body:
                return bytes(body.read())

    def stream(self, key: str, *, chunk_bytes: int = _CHUNK_BYTES) -> Iterator[bytes]:
        """See `ObjectStore.stream`."""
        with translated(key, self._bucket):
            answer = self._client.get_object(**self._at(key))
            with contextlib.closing(answer["Body"]) as body:
                while piece := body.read(chunk_bytes):
                    yield piece

    @contextlib.contextmanager
    def local_file(self, key: str) -> Iterator[Path]:
        """See `ObjectStore.local_file`; a temporary file with the key's extension."""
        extension = PurePosixPath(check_key(key)).suffix[:16]
        with tempfile.NamedTemporaryFile(prefix="lectern-", suffix=extension) as file:
            with translated(key, self._bucket):
                self._client.download_fileobj(**self._at(key), Fileobj=file)
            file.flush()
            yield Path(file.name)

    def info(self, key: str) -> ObjectInfo:
        """See `ObjectStore.info`."""
        with translated(key, self._bucket):
            answer = self._client.head_object(**self._at(key))
        return _describe(key, answer["ContentLength"], answer)

    def write(self, key: str, data: bytes, *, content_type: str = "") -> None:
        """See `ObjectStore.write`."""
        with translated(key, self._bucket):
            self._client.put_object(**self._at(key), Body=data, **_typed(content_type))

    def write_stream(self, key: str, source: BinaryIO, *, content_type: str = "") -> int:
        """See `ObjectStore.write_stream`; one part is in memory at a time."""
        from boto3.s3.transfer import TransferConfig

        full = _FullReader(source)
        with translated(key, self._bucket):
            self._client.upload_fileobj(
                full,
                **self._at(key),
                ExtraArgs=_typed(content_type),
                Config=TransferConfig(
                    multipart_threshold=_PART_BYTES,
                    multipart_chunksize=_PART_BYTES,
                    use_threads=False,
                ),
            )
        return full.size_bytes

    def claim(self, key: str, data: bytes) -> bool:
        """See `ObjectStore.claim`.

        When the answer to a successful request got lost, boto3's repetition finds the key taken:
        the object's metadata tells whether it was taken by this very call.
        """
        at = self._at(key)
        ours = secrets.token_hex(16)
        for _ in range(_CLAIM_TRIES):
            refusal = self._put_if_free(at, data, ours)
            if not refusal:
                return True
            if refusal in _TAKEN:
                with contextlib.suppress(SourceGone), translated(key, self._bucket):
                    answer = self._client.head_object(**at)
                    return bool(answer["Metadata"].get("claim") == ours)
        raise Busy(f"too many claim {key!r} at once", code="store_busy")

    def _put_if_free(self, at: dict[str, str], data: bytes, ours: str) -> str:
        """Return "" when the object was stored, else why a condition stopped it."""
        from botocore.exceptions import ClientError

        with translated(at["Key"], self._bucket):
            try:
                self._client.put_object(**at, Body=data, IfNoneMatch="*", Metadata={"claim": ours})
            except ClientError as error:
                code = str(error.response["Error"]["Code"])
                if code not in _TAKEN | {_CONFLICT}:
                    raise
                return code
        return ""

    def copy(self, source_key: str, target_key: str) -> None:
        """See `ObjectStore.copy`; the bytes stay in the store."""
        from boto3.s3.transfer import TransferConfig

        with translated(source_key, self._bucket):
            self._client.copy(
                self._at(source_key),
                **self._at(target_key),
                Config=TransferConfig(multipart_threshold=_COPY_AT_ONCE_BYTES),
            )

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`; objects of others whose names are no keys are left out."""
        return (info for info in self._list(check_prefix(prefix)) if is_key(info.key))

    def delete(self, keys: Iterable[str]) -> None:
        """See `ObjectStore.delete`."""
        self._delete(check_key(key) for key in keys)

    def delete_unchanged(self, key: str, etag: str) -> bool:
        """See `ObjectStore.delete_unchanged`."""
        from botocore.exceptions import ClientError

        try:
            if self.info(key).etag != etag:
                return False
            with translated(key, self._bucket):
                try:
                    self._client.delete_object(**self._at(key), IfMatch=f'"{etag}"')
                except ClientError as error:
                    code = str(error.response["Error"]["Code"])
                    if code in _CHANGED:
                        return False
                    if code != "NotImplemented":
                        raise
                    self._client.delete_object(**self._at(key))
        except SourceGone:
            return False
        return True

    def delete_prefix(self, prefix: str) -> int:
        """See `ObjectStore.delete_prefix`."""
        return self._delete(info.key for info in self._list(check_folder_prefix(prefix)))

    def upload_url(self, key: str, *, expires_s: int, content_type: str = "") -> str:
        """See `ObjectStore.upload_url`; with a content type, the PUT must send the same."""
        return self._link("put_object", self._at(key) | _typed(content_type), expires_s)

    def download_url(self, key: str, *, expires_s: int, file_name: str = "") -> str:
        """See `ObjectStore.download_url`."""
        parameters = self._at(key)
        if file_name:
            name = quote(file_name, safe="")  # RFC 6266; nothing of a name reaches the header raw
            parameters["ResponseContentDisposition"] = f"attachment; filename*=UTF-8''{name}"
        return self._link("get_object", parameters, expires_s)

    def _link(self, operation: str, parameters: dict[str, str], expires_s: int) -> str:
        with translated(parameters["Key"], self._bucket):
            return str(
                self._client.generate_presigned_url(
                    operation, Params=parameters, ExpiresIn=min(expires_s, _LINK_MAX_S)
                )
            )

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._prefix + check_key(key)}

    def _list(self, prefix: str) -> Iterator[ObjectInfo]:
        with translated(prefix, self._bucket):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            for page in pages:
                for entry in page.get("Contents", ()):
                    key = entry["Key"].removeprefix(self._prefix)
                    yield _describe(key, entry["Size"], entry)

    def _delete(self, keys: Iterable[str]) -> int:
        count = 0
        remaining = iter(keys)
        while batch := list(islice(remaining, _DELETE_BATCH)):
            objects = [{"Key": self._prefix + key} for key in batch]
            with translated(batch[0], self._bucket):
                answer = self._client.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True}
                )
            for failed in answer.get("Errors", ()):
                raise of_answer({"Error": failed}, failed.get("Key", ""), self._bucket)
            count += len(batch)
        return count


class _FullReader:
    """Hands on `read` alone, so that boto3 neither seeks in nor closes the source; counts bytes.

    boto3 takes a short read for the end, and would cut off what a socket yields piece by piece.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.size_bytes = 0

    def read(self, size: int = sys.maxsize) -> bytes:
        pieces = []
        while size > 0 and (piece := self._source.read(min(size, _CHUNK_BYTES))):
            pieces.append(piece)
            size -= len(piece)
            self.size_bytes += len(piece)
        return b"".join(pieces)


def _typed(content_type: str) -> dict[str, str]:
    return {"ContentType": content_type} if content_type else {}


def _describe(key: str, size_bytes: int, answer: dict[str, Any]) -> ObjectInfo:
    return ObjectInfo(
        key=key,
        size_bytes=size_bytes,
        etag=answer["ETag"].strip('"'),
        modified=answer["LastModified"],
    )
