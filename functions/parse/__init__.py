"""The `parse` function: everything that only it needs."""
