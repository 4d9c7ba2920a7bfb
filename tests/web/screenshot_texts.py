"""What the pictures of the web UI show: questions, answers, people, and a Korean document."""

from pathlib import Path

import pymupdf

KOREAN_NAME = "문서-관리-규정.pdf"
QUESTIONS = {
    "en": "What are the limits for a file, and can they be changed?",
    "ko": "문서를 지우면 무엇이 함께 지워지고, 얼마 동안 되돌릴 수 있나요?",
}
# In square brackets: words of the passage that is cited.
ANSWERS = {
    "en": (
        "A single file may have up to **1 GiB**; a larger one is refused and nothing of it is "
        "stored [refused with 413]. Reading one part may take **120 CPU seconds** and **2 GiB** of "
        "memory, beyond which the document fails [refused with 413].\n\n"
        "An operator can change each of them with a setting [change each of them]. A large "
        "document is read in parts, so that its first pages can be searched before its last pages "
        "are read [read in parts, so that].\n\n"
        "FOLLOW_UPS\nWhat happens to a scanned page?\nWho may read a document?"
    ),
    "ko": (
        "문서를 지우면 **원본 파일, 나눈 조각, 색인의 모든 행**이 함께 지워집니다 [제4조]. "
        "지운 문서는 **30초 동안** 되돌릴 수 있고, 그 뒤에는 다시 올려야 합니다 [제4조].\n\n"
        "FOLLOW_UPS\n누가 문서를 지울 수 있나요?\n개정판은 언제 만들어지나요?"
    ),
}
SEARCHES = {"en": "limits of a document", "ko": "문서를 지우면 무엇이 지워지나요"}
PEOPLE = (
    ("mina", "Mina Park", True),
    ("jonas", "Jonas Weber", False),
    ("seoyeon", "김서연", False),
    ("priya", "Priya Raman", False),
    ("tomas", "Tomás Ortega", False),
)
GROUPS = {"Engineering": ("jonas", "priya"), "Seoul office": ("mina", "seoyeon")}
EARLIER = (
    ("How a scanned contract is read", False),
    ("휴가 규정 요약", False),
    ("Who may read a collection", True),
)
_RULES = """
<h1>문서 관리 규정</h1>
<h3>제1조 목적</h3>
<p>이 규정은 팀이 문서를 올리고, 고치고, 지우는 방법을 정한다.</p>
<h3>제2조 등록</h3>
<p>문서는 모음에 올린다. 편집자는 문서를 올릴 수 있고, 열람자는 읽고 질문할 수 있다.</p>
<h3>제3조 개정</h3>
<p>같은 이름으로 내용이 다른 파일을 올리면 새 개정판이 만들어진다.
새 개정판이 준비될 때까지 이전 개정판으로 검색한다.</p>
<h3>제4조 삭제</h3>
<p>문서를 지우면 원본 파일, 나눈 조각, 색인의 모든 행이 함께 지워진다.
지운 문서는 30초 동안 되돌릴 수 있고, 그 뒤에는 다시 올려야 한다.</p>
<h3>제5조 책임</h3>
<p>소유자는 누가 참여할지 정하고, 관리자는 감사 기록을 석 달에 한 번 살펴본다.</p>
"""


def korean_page(path: Path) -> None:
    """Write a page of Korean rules as a PDF."""
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        frame = pymupdf.Rect(64, 64, page.rect.width - 64, page.rect.height - 64)
        page.insert_htmlbox(frame, _RULES, css="p {line-height: 1.6}")
        pdf.subset_fonts()
        pdf.save(path, garbage=4, deflate=True)
