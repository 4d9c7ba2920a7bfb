"""The `embed` function: everything that only it needs."""
