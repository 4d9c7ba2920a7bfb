"""What must hold for the objects of any rendering of the chart; every rule yields what is wrong."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tests.chart.cluster_rules.data import data
from tests.chart.cluster_rules.naming import naming
from tests.chart.cluster_rules.references import references
from tests.chart.cluster_rules.running import running
from tests.chart.cluster_rules.security import security
from tests.chart.cluster_rules.selectors import selectors

Objects = Sequence[dict[str, Any]]

RULES: Mapping[str, Callable[[Objects], Iterator[str]]] = {
    "naming": naming,
    "security": security,
    "running": running,
    "selectors": selectors,
    "data": data,
    "references": references,
}
