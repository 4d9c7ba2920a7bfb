import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lectern.api import BoxReply, ConversationReply, ConversationScope, DocumentReply, MessageReply
from lectern.client import Lectern
from lectern.documents import DocumentState
from tests.web.answer_values import TEXT, citation, passage, reply
from web.answers import Snapshot
from web.parts.conversation import as_messages, before_live
from web.parts.days import grouped
from web.parts.deleting import Deletions
from web.parts.mentions import resolve
from web.parts.places import on_pages, view_of

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def document(name: str = "library.pdf", **fields: Any) -> DocumentReply:
    values: dict[str, Any] = {
        "document_id": name,
        "collection_id": "c1",
        "name": name,
        "revision": 1,
        "state": DocumentState.READY,
        "content_type": "application/pdf",
        "size_bytes": 1,
        "sha256": "",
        "pages": 3,
        "chunks": 3,
        "parts": 1,
        "parts_done": 1,
        "tags": [],
        "metadata": {},
        "parent_id": "",
        "created_at": NOW,
        "moved_at": NOW,
    }
    return DocumentReply(**(values | fields))


def conversation(age: timedelta, *, pinned: bool = False) -> ConversationReply:
    return ConversationReply(
        conversation_id=str(age),
        title="t",
        pinned=pinned,
        scope=ConversationScope(),
        created_at=NOW - age,
        updated_at=NOW - age,
    )


def message(message_id: str, role: Any = "question") -> MessageReply:
    return MessageReply(
        message_id=message_id,
        parent_id="",
        role=role,
        state="complete",
        text="",
        created_at=NOW,
        siblings=[message_id],
        position=1,
    )


class TestPlaces:
    def test_all_citations_of_the_document_are_shown_and_the_clicked_one_is_active(self) -> None:
        cited = [citation(), citation(answer_start=20, page_number=3, boxes=[box(3)])]

        view = view_of("m1", reply(citations=cited), 1, 1)

        assert view is not None
        assert [(each["number"], each["page"]) for each in view.highlights] == [(1, 2), (1, 3)]
        assert view.active == 1

    def test_citations_of_other_documents_are_left_out(self) -> None:
        passages = [passage(), passage(document_id="d2")]

        view = view_of(
            "m1",
            reply(passages=passages, citations=[citation(), citation(2, document_id="d2")]),
            1,
            0,
        )

        assert view is not None
        assert len(view.highlights) == 1

    def test_a_quote_over_two_pages_has_its_boxes_on_both(self) -> None:
        view = view_of("m1", reply(citations=[citation(boxes=[box(2), box(3)])]), 1, 0)

        assert view is not None
        assert [each["page"] for each in view.highlights] == [2, 3]
        assert view.active == 0

    def test_a_passage_without_citation_is_marked_by_its_lines(self) -> None:
        view = view_of("m1", reply(citations=[]), 1, None)

        assert view is not None
        assert view.highlights[view.active]["boxes"] == [[72, 72, 400, 86]]

    def test_a_number_that_no_passage_has_opens_nothing(self) -> None:
        assert view_of("m1", reply(), 2, None) is None

    @pytest.mark.parametrize(
        ("known", "page_count", "notice"),
        [
            pytest.param(document(), 3, "", id="as it was"),
            pytest.param(document(revision=2), 0, "changed", id="newer"),
            pytest.param(None, 0, "gone", id="deleted"),
            pytest.param(document("a.md", content_type="text/markdown"), 0, "", id="without pages"),
        ],
    )
    def test_boxes_are_drawn_only_on_the_pages_they_were_read_from(
        self, known: DocumentReply | None, page_count: int, notice: str
    ) -> None:
        view = view_of("m1", reply(), 1, 0)

        assert view is not None
        shown = on_pages(view, known)

        assert (shown.page_count, shown.notice) == (page_count, notice)
        assert shown.highlights[0]["text"] == TEXT

    def test_turning_to_another_place_scrolls_there(self) -> None:
        view = view_of("m1", reply(), 1, 0)

        assert view is not None
        assert view.turned_to(0).nonce != view.nonce


class TestMentions:
    NAMES = ("library.pdf", "library rules.docx", "휴가 규정.md")

    def find(self, name: str) -> list[DocumentReply]:
        return [document(each) for each in self.NAMES if name.casefold() in each.casefold()]

    @pytest.mark.parametrize(
        ("question", "shown", "found"),
        [
            ("What says @library.pdf?", "What says library.pdf?", ["library.pdf"]),
            ('Compare @"library rules".', "Compare library rules.docx.", ["library rules.docx"]),
            ("@휴가 요약", "휴가 규정.md 요약", ["휴가 규정.md"]),
            ("Mail ada@example.org", "Mail ada@example.org", []),
        ],
    )
    def test_a_name_that_means_one_document_finds_it(
        self, question: str, shown: str, found: list[str]
    ) -> None:
        mentioned = resolve(question, self.find)

        assert mentioned.question == shown
        assert [each.name for each in mentioned.documents] == found

    @pytest.mark.parametrize("name", ["librar", "nothing"])
    def test_a_name_that_means_none_or_several_is_told(self, name: str) -> None:
        mentioned = resolve(f"What says @{name}?", self.find)

        assert mentioned.question == f"What says @{name}?"
        assert list(mentioned.unknown) == [name]


class TestDays:
    def test_conversations_stand_under_the_readers_days(self) -> None:
        found = grouped(
            [
                conversation(timedelta(days=90), pinned=True),
                conversation(timedelta(minutes=5)),
                conversation(timedelta(hours=20)),
                conversation(timedelta(days=3)),
                conversation(timedelta(days=20)),
                conversation(timedelta(days=60)),
            ],
            NOW,
            ZoneInfo("UTC"),
        )

        names = [group.name for group in found]
        assert names == ["pinned", "today", "yesterday", "week", "month", "2026-09"]

    def test_midnight_is_the_readers(self) -> None:
        late = [conversation(timedelta(hours=2))]

        assert grouped(late, NOW, ZoneInfo("UTC"))[0].name == "yesterday"
        assert grouped(late, NOW, ZoneInfo("Asia/Seoul"))[0].name == "today"


class TestLivePlaces:
    MESSAGES = (message("q1"), message("a1", "answer"), message("q2"), message("a2", "answer"))

    @pytest.mark.parametrize(
        ("parent_id", "above"),
        [
            pytest.param(None, 4, id="a further question"),
            pytest.param("q2", 2, id="the last answer again"),
            pytest.param("a1", 2, id="the second question edited"),
            pytest.param("", 0, id="the first question edited"),
        ],
    )
    def test_a_live_answer_stands_where_it_will_be(self, parent_id: str | None, above: int) -> None:
        shown = before_live(self.MESSAGES, parent_id, Snapshot("x", "How?"))

        assert list(shown) == list(self.MESSAGES[:above])

    def test_a_question_that_is_stored_already_is_not_shown_twice(self) -> None:
        seen = Snapshot("x", "How?", question_id="q2")

        assert list(before_live(self.MESSAGES, None, seen)) == list(self.MESSAGES[:2])

    def test_a_stopped_answer_becomes_a_message(self) -> None:
        question, answer = as_messages(Snapshot("x", "How?", state="stopped", text="So"))

        assert (question.text, answer.text, answer.state) == ("How?", "So", "stopped")


class TestDeletions:
    def test_a_deletion_can_be_taken_back_in_time(self) -> None:
        deletions = Deletions(undo_s=60)
        with Lectern("http://127.0.0.1:9/{function}") as client:
            deletions.later("ada", "c1", client)

            assert list(deletions.pending("ada")) == ["c1"]
            assert list(deletions.pending("grace")) == []
            assert not deletions.undo("grace", "c1")
            assert deletions.undo("ada", "c1")
            assert not deletions.undo("ada", "c1")

    def test_after_a_while_it_is_final(self) -> None:
        deletions = Deletions(undo_s=0.01)
        with Lectern("http://127.0.0.1:9/{function}") as client:
            deletions.later("ada", "c1", client)
            waiting = threading.Event()
            for _ in range(500):
                if not deletions.pending("ada"):
                    break
                waiting.wait(0.01)

            assert not deletions.undo("ada", "c1")

    def test_who_leaves_takes_nothing_back(self) -> None:
        gone: list[str] = []

        class Conversations:
            def delete(self, conversation_id: str) -> None:
                gone.append(conversation_id)

        class Client:
            conversations = Conversations()

        deletions = Deletions(undo_s=60)
        deletions.later("ada", "c1", Client())  # type: ignore[arg-type]
        deletions.later("grace", "c2", Client())  # type: ignore[arg-type]

        deletions.finish("ada")

        assert gone == ["c1"]
        assert list(deletions.pending("grace")) == ["c2"]
        assert not deletions.undo("ada", "c1")
        assert deletions.undo("grace", "c2")


def box(page_number: int) -> BoxReply:
    return BoxReply(page_number=page_number, x0=1, y0=2, x1=3, y1=4)
