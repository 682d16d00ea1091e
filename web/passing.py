"""What passes by: uploads until they are taken in, and what is made for one answer. On the disk it lies scrambled only."""

from __future__ import annotations

import io
import os
import tempfile
from typing import IO, BinaryIO, cast

from flask import Request

from workflow.sealing.streams import scrambled

IN_MEMORY = 512 * 1024
SUITE, KEY_BYTES = "aes-256-gcm", 32


def passing_file() -> BinaryIO:
    """A file to write and read whose key dies with it; whoever closes it has removed it."""
    return scrambled(tempfile.TemporaryFile("w+b"), os.urandom(KEY_BYTES), SUITE, owns=True)


class Arriving(Request):
    """A request whose uploads never lie on the disk as they are."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if total_content_length is not None and total_content_length <= IN_MEMORY:
            return io.BytesIO()
        return cast(IO[bytes], passing_file())
