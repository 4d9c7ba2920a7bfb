"""The object store: one port, a folder and S3 behind it."""

from lectern.objects.port import ObjectInfo, ObjectStore
from lectern.objects.wiring import key_prefix, object_store

__all__ = ["ObjectInfo", "ObjectStore", "key_prefix", "object_store"]
