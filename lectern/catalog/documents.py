"""Documents: what the catalog knows of them, put together from three subjects."""

from lectern.catalog.gathering import Gathering
from lectern.catalog.lookup import Lookup
from lectern.catalog.progress import Progress
from lectern.catalog.uploads import Uploads


class SqlDocuments(Lookup, Uploads, Progress, Gathering):
    """See `Documents`."""
