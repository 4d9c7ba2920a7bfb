"""A bounded memory of page pictures that were shown lately, the same for everybody.

It saves bytes, never a look at the caller's rights: a picture that is known here is still asked
for, with its ETag, in the name of whoever wants to see it.
"""

import threading
from collections import OrderedDict

from lectern.client.pages import Picture

Key = tuple[str, int, int]
"""Document, page number, width in pixels."""


class PictureCache:
    """The pictures used last, by document, page and width. Safe for threads.

    Args:
        max_bytes: What all pictures together may take.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held: OrderedDict[Key, Picture] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Key) -> Picture | None:
        """Return a picture that was kept."""
        with self._lock:
            picture = self._held.get(key)
            if picture is not None:
                self._held.move_to_end(key)
            return picture

    def keep(self, key: Key, picture: Picture) -> None:
        """Keep a picture; those not used for longest go."""
        if len(picture.data) > self._max_bytes:
            return
        with self._lock:
            former = self._held.pop(key, None)
            self._bytes += len(picture.data) - (len(former.data) if former else 0)
            self._held[key] = picture
            while self._bytes > self._max_bytes:
                _, oldest = self._held.popitem(last=False)
                self._bytes -= len(oldest.data)
