"""Documents: what the catalog knows of them, put together from four subjects."""

from lectern.catalog.gathering import Gathering
from lectern.catalog.lookup import Lookup
from lectern.catalog.progress import Progress
from lectern.catalog.scoping import Scoping
from lectern.catalog.uploads import Uploads


class SqlDocuments(Lookup, Scoping, Uploads, Progress, Gathering):
    """See `Documents`."""
