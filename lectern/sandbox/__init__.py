"""Runs a function on hostile input in a process of its own, under limits and without a network.

Three processes stand behind a call, none of them forked from a threaded one:

- the *zygote*, started once by `exec`, which has imported what the caller asked for;
- the *warden*, forked from it per call, which never sees the input: it enforces the wall clock,
  collects the exit status and ends with the caller;
- the *worker*, forked from the warden, which drops its rights and runs the function.

What comes back is JSON, never a pickle: the worker is taken to be compromised.
"""

from lectern.sandbox.calls import Sandbox
from lectern.sandbox.scratch import scratch_folder

__all__ = ["Sandbox", "scratch_folder"]
