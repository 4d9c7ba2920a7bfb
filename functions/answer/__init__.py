"""The `answer` function: everything that only it needs."""
