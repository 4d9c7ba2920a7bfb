"""What a model calls a conversation: kept only when it says what the question says, but shorter."""

import re

from functions.answer.vocabulary import telling_terms

_DECORATION = re.compile(r"[*_`#<>|\\\[\]\"“”]")
_ADDRESS = re.compile(r"https?:|www\.|\w@\w", re.IGNORECASE)
_LONGEST = 100  # code points
_FROM_QUESTION = 0.5  # share of the title's telling terms


def fit_title(said: str, question: str) -> str:
    """Return the title a model wrote, on one line, or "" for one that is no title of `question`.

    Half of what it tells has to come from the question: a title outlives the right to read the
    passages, so it is not to tell what they say.
    """
    title = " ".join(_DECORATION.sub("", said).split()).strip(" .:'")
    terms, asked = telling_terms(title), set(telling_terms(question))
    if not terms or len(title) > _LONGEST or len(title) >= len(question) or _ADDRESS.search(title):
        return ""
    from_question = sum(term in asked for term in terms)
    return title if from_question >= _FROM_QUESTION * len(terms) else ""
