"""What the people of the story have and ask, in each language, and a web page to fetch."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pymupdf

APPENDIX_PAGES = 45


@dataclass(frozen=True)
class Tale:
    """The same story, told in one language.

    `pages` are the paragraphs of each page of a PDF; the cited one is the first of the second.
    """

    language: str
    locale: str
    font: str
    collection: str
    pages: tuple[tuple[str, ...], ...]
    note: str
    question: str
    answer: tuple[str, ...]
    cited: str
    beside: str


ENGLISH = Tale(
    language="en",
    locale="en-GB",
    font="helv",
    collection="Observatory",
    pages=(
        ("Opening hours. The library in Gamle Brygge opens at eight in the morning.",),
        (
            "Lending. A borrowed telescope must be returned to its keeper within nineteen days.",
            "Umbrellas are for sale at the front desk.",
        ),
        ("Fines. A late book costs two kroner for every started week.",),
    ),
    note="The spare key of the tower hangs behind the blue barometer.",
    question="Within how many days must a borrowed telescope be returned?",
    answer=("A borrowed ", "telescope ", "must be ", "returned ", "within ", "nineteen ", "days "),
    cited="telescope must be returned to its keeper within nineteen",
    beside="Umbrellas",
)
KOREAN = Tale(
    language="ko",
    locale="ko-KR",
    font="korea",
    collection="천문대",
    pages=(
        ("개관 시간. 감레 도서관은 평일 아침 여덟 시에 문을 연다.",),
        (
            "대여 규정. 빌린 망원경은 열아홉 날 안에 천문대로 반납해야 한다.",
            "우산은 안내 창구에서 판매한다.",
        ),
        ("연체료. 늦은 책은 한 주마다 이천 원을 낸다.",),
    ),
    note="탑의 여분 열쇠는 파란 기압계 뒤에 걸려 있다.",
    question="빌린 망원경은 며칠 안에 반납해야 하나요?",
    answer=("빌린 ", "망원경은 ", "열아홉 ", "날 ", "안에 ", "천문대로 ", "반납해야 ", "한다 "),
    cited="망원경은 열아홉 날 안에 천문대로",
    beside="우산은",
)


def pdf_of(tale: Tale, folder: Path) -> Path:
    """Write the PDF of a story, long enough for its progress to be seen."""
    path = folder / f"rules-{tale.language}.pdf"
    with pymupdf.open() as pdf:
        for paragraphs in tale.pages:
            page = pdf.new_page()
            for number, text in enumerate(paragraphs):
                frame = pymupdf.Rect(72, 120 + 300 * number, 500, 400 + 300 * number)
                page.insert_textbox(frame, text, fontsize=13, fontname=tale.font)
        append_readings(pdf)
        pdf.save(path)
    return path


def append_readings(pdf: pymupdf.Document) -> None:
    """Add pages that nobody asks about, so that a warm worker is not done at first sight."""
    for number in range(APPENDIX_PAGES):
        readings = "\n".join(f"{number}.{line} {number * 31 + line} mm" for line in range(40))
        pdf.new_page().insert_textbox((72, 72, 500, 770), readings, fontsize=11)


@contextmanager
def web_page(title: str, text: str) -> Iterator[str]:
    """Serve one page on loopback; give its address."""
    body = f"<title>{title}</title><h1>{title}</h1><p>{text}</p>".encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/notice.html"
        server.shutdown()
        thread.join()
