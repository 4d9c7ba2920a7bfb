"""The `intake` function: everything that only it needs."""
