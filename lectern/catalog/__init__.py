"""The catalog: people, collections, documents, in SQLite or PostgreSQL."""
