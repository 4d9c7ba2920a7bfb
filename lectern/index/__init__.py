"""The index: one LanceDB database per collection; the only package that imports lancedb."""
