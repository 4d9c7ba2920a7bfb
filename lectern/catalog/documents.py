"""Documents: what the catalog knows of them, put together by subject."""

from lectern.catalog.gathering import Gathering
from lectern.catalog.healing import Healing
from lectern.catalog.lookup import Lookup
from lectern.catalog.progress import Progress
from lectern.catalog.scoping import Scoping
from lectern.catalog.trash import Trash
from lectern.catalog.uploads import Uploads


class SqlDocuments(Lookup, Scoping, Uploads, Progress, Trash, Gathering, Healing):
    """See `Documents`."""
