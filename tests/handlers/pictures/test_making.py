"""What opens files of strangers can reach nothing, ends in time, and makes a picture or nothing at all."""

from __future__ import annotations

import io
import subprocess
import sys
import zlib

import pikepdf
import pytest
from PIL import Image

from handlers.pictures import child, making
from handlers.pictures.making import small_of


def picture(form: str, size: tuple[int, int] = (1600, 900)) -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", size, (180, 30, 30)).save(made, form)
    made.seek(0)
    return made


def paper(content: bytes = b"1 0 0 rg 0 0 300 900 re f") -> io.BytesIO:
    """A PDF of one page whose content stream is this, packed."""
    made, document = io.BytesIO(), pikepdf.new()
    document.add_blank_page(page_size=(600, 900))
    document.pages[0].Contents = document.make_stream(content)
    document.save(made, compress_streams=True)
    made.seek(0)
    return made


@pytest.mark.parametrize(
    ("media_type", "form"), [("image/png", "PNG"), ("image/jpeg", "JPEG"), ("image/gif", "GIF"), ("image/webp", "WEBP")]
)
def test_a_picture_is_made_small(media_type: str, form: str) -> None:
    made = small_of(picture(form), media_type)
    assert made is not None
    assert Image.open(io.BytesIO(made)).size == (480, 270)


def test_the_first_page_of_a_pdf_is_made_small_as_it_looks() -> None:
    made = small_of(paper(), "application/pdf")
    assert made is not None
    page = Image.open(io.BytesIO(made))
    assert page.size == (320, 480)
    red, white = page.getpixel((50, 240)), page.getpixel((300, 240))
    assert isinstance(red, tuple) and red[0] > 200 > 60 > red[1]
    assert isinstance(white, tuple) and min(white) > 240


def test_a_bomb_of_pixels_makes_nothing() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = (60_000).to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(60_000 * 7_501), 9))
        + chunk(b"IEND", b"")
    )
    assert len(bomb) < 1 << 20
    assert small_of(io.BytesIO(bomb), "image/png") is None


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("application/pdf", b"%PDF-1.7\nnothing"),
        ("image/jpeg", b"\xff\xd8\xff\xe0nothing"),
        ("image/png", b"GIF89a"),
        ("image/gif", b""),
    ],
)
def test_what_is_broken_or_another_thing_makes_nothing(media_type: str, content: bytes) -> None:
    assert small_of(io.BytesIO(content), media_type) is None


def test_a_pdf_that_turns_in_a_circle_makes_a_picture_or_nothing() -> None:
    document = pikepdf.new()
    document.add_blank_page(page_size=(600, 900))
    form = document.make_stream(b"/X Do /X Do", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 9, 9])
    form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=form))
    page = document.pages[0]
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=form))
    page.Contents = document.make_stream(b"/X Do")
    made = io.BytesIO()
    document.save(made)
    made.seek(0)
    assert (small_of(made, "application/pdf") or b"\xff\xd8\xff").startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("lacking", ["SECONDS", "MEMORY"])
def test_whoever_needs_more_than_his_share_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: object, lacking: str) -> None:
    """The child's own limits, shown by a child that is greedy by itself: the same `shut`, then without end."""
    greedy = {"SECONDS": "while True: pass", "MEMORY": "bytearray(child.MEMORY)"}[lacking]
    program = f"from handlers.pictures import child\nchild.SECONDS = 1\nchild.shut()\n{greedy}"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=False)
    assert ended.returncode != 0
    assert (
        (ended.returncode == -24 or b"Killed" in ended.stderr or ended.returncode == -9)
        if lacking == "SECONDS"
        else b"MemoryError" in ended.stderr
    )


@pytest.mark.parametrize(
    "reach",
    ["open('/etc/hostname')", "__import__('_socket').socket()", "__import__('os').pipe()", "open('/tmp/x', 'w').write('x')"],
)
def test_the_child_reaches_no_file_and_no_network(reach: str) -> None:
    program = f"import os, _socket\nfrom handlers.pictures import child\nchild.shut()\ntry:\n    {reach}\nexcept OSError as fault:\n    print(fault.errno)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=True, text=True)
    assert ended.stdout.strip() == "24", "too many open files: none is one too many"


def test_a_child_that_says_too_much_or_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "MOST_SMALL", 100)
    assert small_of(picture("PNG"), "image/png") is None
    monkeypatch.setattr(making, "MOST_SMALL", child.MEBIBYTE)
    monkeypatch.setattr(making, "SECONDS", 0)
    assert small_of(picture("PNG"), "image/png") is None


def test_it_comes_back_when_the_turns_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "PATIENCE_SECONDS", 0)
    taken = [making._turns.acquire() for _ in range(making.AT_ONCE)]
    with pytest.raises(making.Busy):
        small_of(picture("PNG"), "image/png")
    for _ in taken:
        making._turns.release()
    assert small_of(picture("PNG"), "image/png") is not None
