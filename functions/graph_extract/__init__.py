"""The `graph_extract` function: everything that only it needs."""
