"""Copies for circulation: what a file looks like, without what it says of its maker, and with the number of who took it.

Part of the child (`child.py`): what is imported here is imported before the doors shut. The number is written in digits, for
which every reader has a font.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

from handlers.pictures.segments import without_words

QUALITY = 90
INK = (90, 90, 90, 70)
# Across a page of a PDF: light enough to read through, dark enough to survive a photocopy.
GREY, PALE = 0.45, 0.28
# What a PDF says of its maker, does by itself, or carries along.
_OF_ROOT = ("/Metadata", "/OpenAction", "/AA", "/Names", "/PieceInfo", "/AF", "/Collection", "/URI")
_OF_ANY = ("/Metadata", "/PieceInfo", "/LastModified", "/AA", "/AF")


def copy_of_picture(form: str) -> Callable[[bytes, str], bytes]:
    """What makes a copy of a picture: its pixels alone, upright, JPEG for a JPEG and PNG for the rest."""
    font = ImageFont.load_default(24)
    font.getbbox("0")

    def make(content: bytes, words: str) -> bytes:
        with Image.open(io.BytesIO(content), formats=(form,)) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
        _words_across(upright, words)
        upright.info.clear()  # what a picture said goes along with it else, into a PNG the name of its colours
        made = io.BytesIO()
        if form == "JPEG":
            upright.save(made, "JPEG", quality=QUALITY, comment=words.encode())
        else:
            upright.save(made, "PNG")
        return made.getvalue()

    return make


def _words_across(picture: Image.Image, words: str) -> None:
    """Stamps the words again and again, rising. A layer of the size of the picture would not fit beside a large one."""
    font = ImageFont.load_default(max(12, max(picture.size) // 40))
    left, top, right, bottom = font.getbbox(words, stroke_width=1)
    stamp = Image.new("RGBA", (int(right - left) + 1, int(bottom - top) + 1), (0, 0, 0, 0))
    pen = ImageDraw.Draw(stamp)
    pen.text((-left, -top), words, font=font, fill=INK, stroke_width=1, stroke_fill=(255, 255, 255, 40))
    stamp = stamp.rotate(24, expand=True)
    across, down = int(stamp.width * 1.2), int(stamp.height * 1.2)
    for at, y in enumerate(range(-stamp.height // 2, picture.height, down)):
        for x in range(-(at % 2) * across // 2, picture.width, across):
            picture.paste(stamp, (x, y), stamp)


# ---- PDF ------------------------------------------------------------------------------------------------------------------


def copy_of_pdf() -> Callable[[bytes, str], bytes]:
    """What makes a copy of a PDF: its pages, written anew."""
    import pikepdf

    warm = io.BytesIO()
    _page_across(pikepdf, (0, 0, 9, 9), "0").save(warm)

    def make(content: bytes, words: str) -> bytes:
        with pikepdf.open(io.BytesIO(content)) as document:
            _be_silent(pikepdf, document)
            for page in document.pages:
                box = tuple(float(side) for side in page.mediabox)
                with _page_across(pikepdf, box, words) as over:
                    page.add_overlay(over.pages[0], pikepdf.Rectangle(*box))
            made = io.BytesIO()
            # Written whole: earlier states of a file that was saved again and again do not come along.
            document.save(made, deterministic_id=True, compress_streams=True)
            return made.getvalue()

    return make


def _be_silent(pikepdf: Any, document: Any) -> None:
    """Takes out what the file says of its maker, what it does by itself, and what is attached to it."""
    for name in [name for name in ("/Info",) if name in document.trailer]:
        del document.trailer[name]
    for name in [name for name in _OF_ROOT if name in document.Root]:
        del document.Root[name]
    for one in document.objects:
        if not isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            continue
        for name in [name for name in _OF_ANY if name in one]:
            del one[name]
        if one.get("/Subtype") is not None and one.get("/Subtype") != "/Widget" and "/Rect" in one:
            for name in [name for name in ("/T", "/A", "/FS") if name in one]:
                del one[name]  # the author of a note, and what a click on it does
        if isinstance(one, pikepdf.Stream) and one.get("/Filter") == "/DCTDecode":
            one.write(without_words(one.read_raw_bytes()), filter=pikepdf.Name.DCTDecode)


def _page_across(pikepdf: Any, box: tuple[float, ...], words: str) -> Any:
    """A document of one page of this size with the words across it."""
    left, bottom, right, top = box
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(max(right - left, 3), max(top - bottom, 3)))
    helvetica = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    state = pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, ca=PALE)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=helvetica), ExtGState=pikepdf.Dictionary(G=state))
    size = max(right - left, top - bottom) / 50
    lines = [f"q /G gs {GREY} g BT /F {size:.2f} Tf"]
    for y in range(0, int(top - bottom), max(int(size * 9), 1)):
        for x in range(0, int(right - left), max(int(size * 22), 1)):
            lines.append(f"0.91 0.41 -0.41 0.91 {x} {y} Tm ({words}) Tj")
    page.Contents = document.make_stream(" ".join([*lines, "ET Q"]).encode("ascii"))
    return document
