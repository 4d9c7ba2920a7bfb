"""What a viewer needs of a page beside its picture."""

from lectern.api.bodies import Reply

PageWord = tuple[float, float, float, float, str, int, int]
"""x0, y0, x1, y1 in PDF points with the origin at the top left, the word, its block, its line."""


class PageWords(Reply):
    """The size of a page in PDF points, as displayed, and its words in the file's order."""

    width: float
    height: float
    words: list[PageWord]
