"""The `retrieve` function: everything that only it needs."""
