"""Services that read pages elsewhere: Docling Serve, Azure AI Document Intelligence.

They are asked by the function itself, never from the sandbox, which has no network; what they
answer is as hostile as a file and is read in the sandbox, by `functions/parse/readers/replies`.
"""
