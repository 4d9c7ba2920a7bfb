"""The object store: one port, a folder and S3 behind it."""

from lectern.objects.port import ObjectInfo, ObjectStore
from lectern.objects.wiring import object_store

__all__ = ["ObjectInfo", "ObjectStore", "object_store"]
