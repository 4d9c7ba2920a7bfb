"""Writes the sample documents: a small handbook of Lectern in English and Korean.

    python samples/build.py

The files under samples/files are what `lectern up` loads the first time, so that the first
question has an answer. They are committed; run this again after changing a text here.
"""

import datetime as dt
import io
import zipfile
from pathlib import Path

import docx
import pymupdf
from content import ENGLISH, KOREAN, LIMITS, NOTES, ROLES, Section
from docx.document import Document as DocxDocument
from docx.oxml import OxmlElement

FILES = Path(__file__).parent / "files"
A4 = pymupdf.paper_rect("a4")
MARGIN = 56
INK, ACCENT, PALE = (0.15, 0.17, 0.2), (0.13, 0.36, 0.56), (0.91, 0.95, 0.98)
WRITTEN = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
STYLE = """
body {font-family: sans-serif; font-size: 10.5pt; line-height: 1.45; color: #26292e}
h1 {font-size: 22pt; color: #215c8f} h2 {font-size: 14pt; color: #215c8f}
"""


def main() -> None:
    """Write every sample file."""
    FILES.mkdir(exist_ok=True)
    write_pdf(FILES / "lectern-handbook.pdf")
    write_docx(FILES / "lectern-안내서.docx")
    (FILES / "release-notes.md").write_text(NOTES, encoding="utf-8")
    for file in sorted(FILES.iterdir()):
        print(f"{file.stat().st_size:>8} bytes  {file.name}")


def write_pdf(path: Path) -> None:
    """Write the English handbook: a page per section, one table, one figure."""
    document = pymupdf.open()
    for number, section in enumerate(ENGLISH, start=1):
        page = document.new_page(width=A4.width, height=A4.height)
        top = write_text(page, section)
        if section.extra == "table":
            draw_table(page, top + 12)
        if section.extra == "figure":
            draw_pipeline(page, top + 12)
        footer = pymupdf.Point(MARGIN, A4.height - 30)
        page.insert_text(footer, f"Lectern handbook · {number}", fontsize=8, color=INK)
    document.set_toc([[1, section.title, number] for number, section in enumerate(ENGLISH, 1)])
    document.set_metadata({"title": "The Lectern handbook", "author": "The Lectern team"})
    document.subset_fonts()
    document.save(path, garbage=4, deflate=True, no_new_id=True)


def write_text(page: pymupdf.Page, section: Section) -> float:
    """Write title and paragraphs; return the y at which they end, in points."""
    heading = "h1" if section.level == 1 else "h2"
    html = f"<{heading}>{section.title}</{heading}>" + "".join(
        f"<p>{paragraph}</p>" for paragraph in section.paragraphs
    )
    room = pymupdf.Rect(MARGIN, MARGIN, A4.width - MARGIN, A4.height - MARGIN)
    spare, _ = page.insert_htmlbox(room, html, css=STYLE)
    return float(room.y1 - spare)


def draw_table(page: pymupdf.Page, top: float) -> None:
    """Draw the table of limits with ruling lines and its caption."""
    widths, height = (150, 110, 223), 22
    page.insert_text(
        (MARGIN, top + 10), "Table 1: Limits and what happens beyond them", fontsize=9.5
    )
    y = top + 18
    for row_number, row in enumerate(LIMITS):
        x: float = MARGIN
        for width, cell in zip(widths, row, strict=True):
            box = pymupdf.Rect(x, y, x + width, y + height)
            fill = PALE if row_number == 0 else None
            page.draw_rect(box, color=ACCENT, fill=fill, width=0.6)
            page.insert_text((x + 5, y + 15), cell, fontsize=9, color=INK)
            x += width
        y += height


def draw_pipeline(page: pymupdf.Page, top: float) -> None:
    """Draw the way of a document as boxes and arrows, with its caption."""
    names = ("upload", "parse", "embed", "index", "answer")
    width, height, gap = 76, 40, 25
    for number, name in enumerate(names):
        x = MARGIN + number * (width + gap)
        box = pymupdf.Rect(x, top, x + width, top + height)
        page.draw_rect(box, color=ACCENT, fill=PALE, width=1, radius=0.15)
        page.insert_textbox(
            pymupdf.Rect(x, top + 12, x + width, top + height),
            name,
            fontsize=10,
            color=INK,
            align=1,
        )
        if number:
            tip = pymupdf.Point(x - 3, top + height / 2)
            page.draw_line(tip - (gap - 6, 0), tip, color=ACCENT, width=1.2)
            page.draw_polyline([tip - (5, 4), tip, tip - (5, -4)], color=ACCENT, width=1.2)
    caption = "Figure 1: The way of a document from upload to answer"
    page.insert_text((MARGIN, top + height + 18), caption, fontsize=9.5)


def write_docx(path: Path) -> None:
    """Write the Korean guide with headings, a list and a table."""
    document = docx.Document()
    document.core_properties.title = "Lectern 안내서"
    document.core_properties.created = document.core_properties.modified = WRITTEN
    for section in KOREAN:
        document.add_heading(section.title, level=section.level)
        for paragraph in section.paragraphs:
            document.add_paragraph(paragraph)
        for item in section.items:
            document.add_paragraph(item, style="List Bullet")
        if section.extra == "table":
            document.add_paragraph("표 1: 역할과 할 수 있는 일", style="Caption")
            add_table(document)
    written = io.BytesIO()
    document.save(written)
    write_undated(written, path)


def add_table(document: DocxDocument) -> None:
    """Add the table of roles, its first row marked as the header."""
    table = document.add_table(len(ROLES), len(ROLES[0]), style="Table Grid")
    for row, texts in zip(table.rows, ROLES, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    first = table.rows[0]._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no API for it
    first.append(OxmlElement("w:tblHeader"))


def write_undated(archive: io.BytesIO, path: Path) -> None:
    """Write a zip archive with one date for all of its files: equal texts give equal bytes."""
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(path, "w") as target:
        for entry in source.infolist():
            dated = zipfile.ZipInfo(entry.filename, WRITTEN.timetuple()[:6])
            dated.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(dated, source.read(entry))


if __name__ == "__main__":
    main()
