"""What Lectern's functions share: contracts, adapters and the one-machine runtime."""

__version__ = "0.1.0"
