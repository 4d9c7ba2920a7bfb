"""The one-machine runtime: broker, supervisor, folder watch."""
