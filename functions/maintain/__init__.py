"""The `maintain` function: everything that only it needs."""
