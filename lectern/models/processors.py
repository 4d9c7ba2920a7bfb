"""How many CPUs this process may use."""

import math
import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def allotted_processors(cgroup: Path = _CGROUP) -> int:
    """Return the CPUs of the affinity mask or of the container's quota, whichever is less.

    A quota of 1.5 CPUs counts as 2.
    """
    if hasattr(os, "sched_getaffinity"):
        processors = len(os.sched_getaffinity(0))
    else:  # macOS
        processors = os.cpu_count() or 1
    quota = _quota(cgroup)
    return max(1, min(processors, math.ceil(quota))) if quota else processors


def _quota(cgroup: Path) -> float | None:
    """Return the CPUs that cgroup version 2 or 1 grants, or None without a limit."""
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota = (cgroup / "cpu" / "cpu.cfs_quota_us").read_text().strip()
            period = (cgroup / "cpu" / "cpu.cfs_period_us").read_text().strip()
        except OSError:
            return None
    if not (quota.isdecimal() and period.isdecimal()):  # "max", or -1 in version 1
        return None
    return int(quota) / int(period)
