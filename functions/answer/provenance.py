"""From a span of a passage's text to the place on the page that it was read from."""

from lectern.api import BoxReply, Passage, PassageLine


def place_of(passage: Passage, start: int, end: int) -> tuple[int, list[BoxReply]]:
    """Return the page and the boxes of `passage.text[start:end]`.

    One box for each line that the span touches; a line that the span enters or leaves in the
    middle is clipped in proportion to its characters. The span may run over onto a second page;
    the page is then the first. A passage without lines answers with its own boxes.
    """
    touched = [line for line in passage.lines if line.start < end and start < line.end]
    if not touched:
        return passage.page_number, list(passage.boxes) if not passage.lines else []
    return touched[0].page_number, [_clipped(line, start, end) for line in touched]


def _clipped(line: PassageLine, start: int, end: int) -> BoxReply:
    width, length = line.x1 - line.x0, line.end - line.start
    before = max(0, start - line.start) / length
    after = max(0, line.end - end) / length
    if line.y1 - line.y0 > width:  # text that runs up or down the page
        before = after = 0.0
    return BoxReply(
        page_number=line.page_number,
        x0=line.x0 + before * width,
        y0=line.y0,
        x1=line.x1 - after * width,
        y1=line.y1,
    )
