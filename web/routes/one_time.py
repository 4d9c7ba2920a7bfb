"""One-time links for the owner of this machine.

`lectern up` writes the digest of a code as an empty file into `sign-in/` beside the owner's token,
readable for this user only, and shows the code. Removing the file is what redeems it, and of two
who try only one succeeds; so no other user of the machine and no web page can sign in.
"""

import hashlib
from pathlib import Path

_FOLDER = "sign-in"


def redeem(token_file: Path | None, code: str) -> str | None:
    """Return the owner's token for a code that was not used yet, and use it up.

    Args:
        token_file: Where the token is; None when owners sign in like everybody else.
        code: From the link.
    """
    if token_file is None:
        return None
    digest = hashlib.sha256(code.encode()).hexdigest()
    try:
        (token_file.parent / _FOLDER / digest).unlink()
        return token_file.read_text(encoding="utf-8").strip()
    except OSError:
        return None
