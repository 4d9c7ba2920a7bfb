"""How many tokens a text takes, estimated without a tokenizer and at memory speed.

The weights were fitted to the word pieces of all-MiniLM-L6-v2 on English prose, law, tables and
code, and on Korean, Chinese and Japanese: 0.95 to 1.3 times the true count (more for scripts that
model does not know), at 40 to 150 MB/s, against its own 2 MB/s. Prose of other languages in Latin
letters is told by its words and weighs more; see `token_estimator`. Tokenizers of larger models
need fewer for every script.
"""

import math
import re
import string
from collections.abc import Callable
from functools import partial

_LETTERS_PER_TOKEN = 3.6
_FOREIGN_LETTERS_PER_TOKEN = 2.4  # of other languages in Latin letters
_ENGLISH = (" the ", " of ", " and ", " to ", " is ", " for ", " that ", " with ", " be ", " by ")
_ENGLISH_SHARE = 0.06  # of words; English prose has .2 and more, other languages next to none
_PROSE_SIGNS = 0.08  # of characters; tables and code have more
_FEWEST_WORDS = 12
_DIGITS_PER_TOKEN = 1.5
_TOKENS_PER_HANGUL = 2.25  # word pieces take a syllable apart into its letters

_NOT_LETTERS = bytes(set(range(128)) - set(string.ascii_letters.encode()))
_NOT_DIGITS = bytes(set(range(128)) - set(string.digits.encode()))
_NOT_SIGNS = (string.ascii_letters + string.digits + string.whitespace).encode()
_NOT_HANGUL = re.compile("[^\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e]+")


def token_estimator(sample: str) -> Callable[[str], int]:
    """Return what estimates tokens of texts like `sample`: a page, for the chunks on it.

    Prose of other languages in Latin letters takes up to half as many tokens again as English of
    the same length. Tables, code and other scripts are counted as ever.
    """
    if _is_foreign_prose(sample):
        return partial(estimate_tokens, letters_per_token=_FOREIGN_LETTERS_PER_TOKEN)
    return estimate_tokens


def _is_foreign_prose(text: str) -> bool:
    folded = f" {' '.join(text.lower().split())} "
    words = folded.count(" ") - 1
    if sum(map(folded.count, _ENGLISH)) >= _ENGLISH_SHARE * words or words < _FEWEST_WORDS:
        return False
    letters = sum(map(str.isalpha, folded))
    latin = len(folded.encode("ascii", "ignore").translate(None, _NOT_LETTERS))
    signs = len(folded) - letters - folded.count(" ")
    return latin >= letters / 2 and signs <= _PROSE_SIGNS * len(folded)


def estimate_tokens(text: str, *, letters_per_token: float = _LETTERS_PER_TOKEN) -> int:
    """Return an estimate of the tokens in `text`, rather too high; 0 only without content.

    An ASCII sign counts as one, as does every other character outside ASCII: a Chinese one is a
    token, an accented or Arabic letter is less.
    """
    plain = text.encode("ascii", "ignore")
    letters = len(plain.translate(None, _NOT_LETTERS))
    digits = len(plain.translate(None, _NOT_DIGITS))
    signs = len(plain.translate(None, _NOT_SIGNS))
    tokens = math.ceil(letters / letters_per_token) + math.ceil(digits / _DIGITS_PER_TOKEN) + signs
    if others := len(text) - len(plain):
        hangul = len(_NOT_HANGUL.sub("", text))
        tokens += others - hangul + math.ceil(hangul * _TOKENS_PER_HANGUL)
    return tokens
