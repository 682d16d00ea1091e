"""Has a picture or a copy made of a file, by a child process that is ended when it takes too long or says too much."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from handlers.pictures import child, texts

# By the clock on the wall: a machine that is busy gives a child its seconds late.
SECONDS = 30
MOST_SMALL, MOST_COPY = child.MEBIBYTE, 200 * child.MEBIBYTE
# So many at once in a process of the site; who comes then waits his turn, and not for long.
AT_ONCE, PATIENCE_SECONDS = 2, 20
_turns = threading.BoundedSemaphore(AT_ONCE)


class Busy(Exception):  # As words of a sentence.
    """So many are being made that this one had no turn; later it has."""


def may_be_small(media_type: str) -> bool:
    """Is there a small picture of such a file?"""
    return media_type in child.WORKS["small"]


def small_of(content: BinaryIO, media_type: str) -> bytes | None:
    """A small JPEG of a picture or of a PDF's first page; None where it cannot be made, whatever the reason. Busy."""
    return _made("small", content, media_type, "", MOST_SMALL)


def may_be_copied(media_type: str, name: str) -> bool:
    """Is there a copy for circulation of such a file? Of text only under a name of text, and if `texts.is_plain`."""
    return media_type in child.WORKS["copy"] and (media_type != "text/plain" or name.lower().endswith(texts.ENDINGS))


def ending_of_copy(media_type: str) -> str:
    """What the name of a copy ends with: a picture that is no JPEG becomes a PNG."""
    return {"application/pdf": "pdf", "image/jpeg": "jpg", "text/plain": "txt", **child.OFFICE}.get(media_type, "png")


def copy_of(content: BinaryIO, media_type: str, words: str) -> bytes | None:
    """A copy that says nothing of its maker and bears `words` (digits) on every page; None where it cannot be made. Busy."""
    return _made("copy", content, media_type, words, MOST_COPY)


def _made(work: str, content: BinaryIO, media_type: str, words: str, most: int) -> bytes | None:
    if not _turns.acquire(timeout=PATIENCE_SECONDS):
        raise Busy()
    try:
        return _run([work, media_type, words], content, most)
    finally:
        _turns.release()


def _run(told: list[str], content: BinaryIO, most: int) -> bytes | None:
    # Isolated: neither variables nor the folder that we stand in say what is loaded.
    command = [sys.executable, "-I", str(Path(child.__file__)), *told]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env={}) as process:  # noqa: S603  # Python itself
        clock = threading.Timer(SECONDS, process.kill)
        clock.start()
        feeding = threading.Thread(target=_feed, args=(process, content), daemon=True)
        feeding.start()
        assert process.stdout is not None, "it was asked for"
        made = process.stdout.read(most + 1)
        if len(made) > most:
            process.kill()
        feeding.join()
        is_done = process.wait() == 0
        clock.cancel()
    return made if is_done and 0 < len(made) <= most else None


def _feed(process: subprocess.Popen[bytes], content: BinaryIO) -> None:
    assert process.stdin is not None, "it was asked for"
    try:
        while chunk := content.read(child.MEBIBYTE):
            process.stdin.write(chunk)
        process.stdin.close()
    except BrokenPipeError:
        pass  # it is gone, which its end says
