"""The program that opens files of strangers. It runs alone, in a process of its own that `making.py` starts for one file.

Before it reads the first byte it gives up what it could do harm with: it can open nothing any more, no file and no socket, and
has so much memory and time and no more. What it makes goes to standard output; whatever goes wrong, nothing does.
"""

from __future__ import annotations

import io
import resource
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MEBIBYTE = 1024 * 1024
MEMORY = 768 * MEBIBYTE
SECONDS = 10
# A picture of more pixels than this is a bomb or a poster.
PIXELS = 52_000_000
SMALL = (480, 480)

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
_OFFICE = "application/vnd.openxmlformats-officedocument."
OFFICE = {
    f"{_OFFICE}wordprocessingml.document": "docx",
    f"{_OFFICE}spreadsheetml.sheet": "xlsx",
    f"{_OFFICE}presentationml.presentation": "pptx",
}


def shut() -> None:
    """From here on nothing is opened, nothing is begun, nothing is left on the disk."""
    for what, most in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(what, (most, most))


# ---- small pictures -------------------------------------------------------------------------------------------------------


def small_picture(media_type: str) -> Callable[[bytes, str], bytes]:
    """What makes a small JPEG of a picture."""
    from PIL import Image, ImageOps

    _ready()

    def make(content: bytes, _words: str) -> bytes:
        with Image.open(io.BytesIO(content), formats=(FORMATS[media_type],)) as picture:
            picture.draft("RGB", SMALL)
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            upright.thumbnail(SMALL)
            return _jpeg(upright, 75)

    return make


def small_page(_media_type: str) -> Callable[[bytes, str], bytes]:
    """What makes a small JPEG of the first page of a PDF."""
    import pypdfium2

    _ready()
    blank = pypdfium2.PdfDocument.new()
    blank.new_page(10, 10).render(scale=1).to_pil()

    def make(content: bytes, _words: str) -> bytes:
        page = pypdfium2.PdfDocument(content)[0]
        width, height = page.get_size()
        picture = page.render(scale=min(SMALL[0] / width, SMALL[1] / height), may_draw_forms=False).to_pil()
        return _jpeg(picture.convert("RGB"), 75)

    return make


def _ready() -> None:
    """Loads what would else be loaded when it is needed, and could not be any more."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = PIXELS
    warnings.simplefilter("error")  # the library warns from so many, and refuses only from twice as many
    Image.init()
    for name in ("JPEG", "PNG", "WEBP", "GIF"):
        made = io.BytesIO()
        Image.new("RGB", (2, 2)).save(made, name)
        Image.open(made).load()


def _jpeg(picture: Image, quality: int) -> bytes:
    made = io.BytesIO()
    picture.info.clear()  # the library writes a comment that it has read
    picture.save(made, "JPEG", quality=quality)
    return made.getvalue()


def copy_picture(media_type: str) -> Callable[[bytes, str], bytes]:
    """What makes a copy of a picture for circulation."""
    from handlers.pictures.copies import copy_of_picture

    _ready()
    return copy_of_picture(FORMATS[media_type])


def copy_pages(_media_type: str) -> Callable[[bytes, str], bytes]:
    """What makes a copy of a PDF for circulation."""
    from handlers.pictures.copies import copy_of_pdf

    return copy_of_pdf()


def copy_office(_media_type: str) -> Callable[[bytes, str], bytes]:
    """What makes a copy of a text, a table or slides for circulation."""
    from handlers.pictures.office import copy_of_office

    return copy_of_office()


def copy_text(_media_type: str) -> Callable[[bytes, str], bytes]:
    """What makes a copy of plain text for circulation."""
    from handlers.pictures.texts import copy_of_text

    return copy_of_text


_COPIES = {**dict.fromkeys(FORMATS, copy_picture), "application/pdf": copy_pages, "text/plain": copy_text}
WORKS = {
    "small": {**dict.fromkeys(FORMATS, small_picture), "application/pdf": small_page},
    "copy": {**_COPIES, **dict.fromkeys(OFFICE, copy_office)},
}


def main(work: str, media_type: str, words: str) -> None:
    """Reads a file from standard input and writes what was asked for."""
    make = WORKS[work][media_type](media_type)
    shut()
    made = make(sys.stdin.buffer.read(), words)
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
