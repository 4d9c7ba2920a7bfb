"""Reads what services answered about a document's pages; a reply is as hostile as a file."""
