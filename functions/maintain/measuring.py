"""What a sweep finds, as gauges.

A pod of a function lives for minutes and its counters go with it. These values are read anew from
the catalog and the store at every sweep, so that an alert on the last of them misses nothing that
happened while no pod was there to be asked.
"""

import time

from prometheus_client import Gauge

from functions.maintain.dead_letters import LetterBox
from lectern.catalog.port import Documents
from lectern.documents import DocumentState

DOCUMENTS = Gauge("lectern_documents", "Documents by state, at the last sweep.", ["state"])
UNMOVED = Gauge(
    "lectern_documents_unmoved", "Documents the last sweep found at rest and set going again."
)
DEAD_LETTERS = Gauge("lectern_dead_letters", "Dead letters in the store, at the last sweep.")
SWEPT = Gauge("lectern_sweep_timestamp_seconds", "Unix time of the last sweep.")


def measure(documents: Documents, letters: LetterBox, *, unmoved: int) -> None:
    """Set the gauges.

    Args:
        documents: Counted by state.
        letters: Counted.
        unmoved: How many documents this sweep has set going again.

    Raises:
        TransientError: The catalog or the store cannot be reached.
    """
    counts = documents.counts()
    for state in DocumentState:
        DOCUMENTS.labels(state.value).set(counts.get(state, 0))
    UNMOVED.set(unmoved)
    DEAD_LETTERS.set(letters.count())
    SWEPT.set(time.time())
