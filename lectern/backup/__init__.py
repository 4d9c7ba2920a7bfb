"""Backups: what is in one, how it is made, verified, kept for a time, and restored.

A backup is a consistent dump of the catalog under `backups/<name>/` in an object store; its
manifest is written last and makes it a backup. In the installation's own bucket that is all, since
documents and indexes lie beside it. A copy in another store has the objects too.
"""
