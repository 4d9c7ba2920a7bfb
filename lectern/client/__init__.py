"""Lectern over HTTP: what the command line, the web UI and the end-to-end tests talk through.

    with Lectern(token=token) as lectern:
        document = lectern.documents.upload("handbook", Path("travel.pdf"))
        lectern.documents.wait(document.document_id)
        for event in lectern.answer(AnswerRequest(question="How many days?")):
            ...

Errors of a function come back as the classes of `lectern.errors`.
"""

from lectern.client.client import Lectern
from lectern.client.documents import Progress

__all__ = ["Lectern", "Progress"]
