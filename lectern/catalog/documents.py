"""Documents: what the catalog knows of them, put together from five subjects."""

from lectern.catalog.gathering import Gathering
from lectern.catalog.lookup import Lookup
from lectern.catalog.progress import Progress
from lectern.catalog.scoping import Scoping
from lectern.catalog.trash import Trash
from lectern.catalog.uploads import Uploads


class SqlDocuments(Lookup, Scoping, Uploads, Progress, Trash, Gathering):
    """See `Documents`."""
