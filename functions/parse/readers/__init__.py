"""One module per file format; `functions.parse.detect` says which one reads a file."""
