"""The `catalog` function: everything that only it needs."""
