"""A copy for circulation looks like its original, says nothing of who made it, and bears the number of who took it."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pytest
from PIL import Image, PngImagePlugin

from handlers.pictures.copies import without_words
from handlers.pictures.making import copy_of, ending_of_copy

CANARY = "Jinsique"
WORDS = "02814 97671 06560 2026-11-29"
GPS = 0x8825


def photograph() -> bytes:
    """A photograph that says by whom, with what and where it was taken."""
    picture = Image.new("RGB", (800, 600), (30, 120, 60))
    exif = picture.getexif()
    exif[0x013B], exif[0x010F] = CANARY, CANARY
    exif.get_ifd(GPS)[2] = (30.0, 15.0, 0.0)
    made = io.BytesIO()
    picture.save(made, "JPEG", exif=exif, comment=CANARY, quality=95)
    return made.getvalue()


def report() -> bytes:
    """A PDF with an author, XMP, a note by somebody, a script, an attachment, and a photograph that says where it was taken."""
    document, made = pikepdf.new(), io.BytesIO()
    page = document.add_blank_page(page_size=(600, 900))
    picture = document.make_stream(
        photograph(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=800, Height=600,
        ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
    )  # fmt: skip
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=picture))
    page.Contents = document.make_stream(b"q 600 0 0 450 0 450 cm /P Do Q")
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], T=CANARY, Contents="note")
    page.Annots = pikepdf.Array([document.make_indirect(note)])
    document.docinfo["/Author"] = CANARY
    with document.open_metadata() as told:
        told["dc:creator"] = [CANARY]
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"app.alert('{CANARY}')")
    document.attachments[f"{CANARY}.txt"] = CANARY.encode()
    document.save(made, compress_streams=False)
    return made.getvalue()


def made_of(content: bytes, media_type: str) -> bytes:
    made = copy_of(io.BytesIO(content), media_type, WORDS)
    assert made is not None
    return made


def test_the_copy_of_a_photograph_says_nothing_of_who_took_it_where() -> None:
    assert CANARY.encode() in photograph()
    copy = made_of(photograph(), "image/jpeg")
    assert CANARY.encode() not in copy
    picture = Image.open(io.BytesIO(copy))
    assert not dict(picture.getexif()) and not picture.getexif().get_ifd(GPS)
    assert picture.size == (800, 600)
    assert picture.info["comment"] == WORDS.encode()


def test_the_number_stands_across_the_picture() -> None:
    plain, marked = Image.open(io.BytesIO(photograph())), Image.open(io.BytesIO(made_of(photograph(), "image/jpeg")))
    other = Image.open(io.BytesIO(copy_of(io.BytesIO(photograph()), "image/jpeg", "0") or b""))
    changed = sum(abs(a[0] - b[0]) > 12 for a, b in zip(plain.get_flattened_data(), marked.get_flattened_data(), strict=True))
    assert 0.005 < changed / (800 * 600) < 0.5, "seen, and seen through"
    assert list(other.get_flattened_data()) != list(marked.get_flattened_data())


def test_a_picture_as_large_as_telephones_take_has_a_copy() -> None:
    made = io.BytesIO()
    Image.linear_gradient("L").resize((8000, 6000)).convert("RGB").save(made, "JPEG")
    assert Image.open(io.BytesIO(made_of(made.getvalue(), "image/jpeg"))).size == (8000, 6000)


def test_a_picture_with_words_of_its_own_becomes_a_png_without_them() -> None:
    told, made = PngImagePlugin.PngInfo(), io.BytesIO()
    told.add_text("Author", CANARY)
    Image.new("RGB", (80, 60)).save(made, "PNG", pnginfo=told)
    copy = made_of(made.getvalue(), "image/png")
    assert Image.open(io.BytesIO(copy)).info == {}
    assert [ending_of_copy(one) for one in ("image/jpeg", "image/webp", "application/pdf")] == ["jpg", "png", "pdf"]


def test_the_copy_of_a_pdf_says_and_carries_and_does_nothing_of_its_own() -> None:
    assert CANARY.encode() in report()
    copy = made_of(report(), "application/pdf")
    with pikepdf.open(io.BytesIO(copy)) as document:
        loose = io.BytesIO()
        document.save(loose, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.generalized)
        assert len(document.pages) == 1
        assert not {"/Metadata", "/OpenAction", "/Names"} & set(document.Root.keys())
    assert CANARY.encode() not in loose.getvalue()
    assert WORDS in pypdfium2.PdfDocument(copy)[0].get_textpage().get_text_bounded()


def test_the_photograph_within_looks_the_same_bit_for_bit() -> None:
    stripped = without_words(photograph())
    assert CANARY.encode() not in stripped
    assert Image.open(io.BytesIO(stripped)).tobytes() == Image.open(io.BytesIO(photograph())).tobytes()
    assert without_words(b"no picture") == b"no picture"
    assert without_words(photograph()[:9]) is not None


@pytest.mark.parametrize("content", [b"%PDF-1.7\nnothing", b""])
def test_what_is_broken_has_no_copy(content: bytes) -> None:
    assert copy_of(io.BytesIO(content), "application/pdf", WORDS) is None


def test_a_locked_pdf_has_no_copy() -> None:
    document, made = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.save(made, encryption=pikepdf.Encryption(user="u", owner="o"))
    assert copy_of(io.BytesIO(made.getvalue()), "application/pdf", WORDS) is None
