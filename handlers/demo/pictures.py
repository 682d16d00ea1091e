"""The small pictures that prove something in the demo county: drawn here, so that no photograph of anybody is needed.

A photograph is a village scene, anything else a sheet as a scanner gives it. The same name gives the same picture. No words
stand on them: a machine may have no font for them.
"""

from __future__ import annotations

import io
import random

from PIL import Image, ImageDraw

SIZE = (480, 360)
PHOTO = "照片"
_SKIES = ((176, 205, 229), (203, 214, 222), (159, 196, 214))
_GROUNDS = ((143, 160, 108), (168, 152, 118), (150, 150, 146))
_WALLS = ((233, 228, 214), (214, 196, 170), (226, 226, 222))
_ROOFS = ((140, 74, 60), (98, 104, 112), (118, 88, 70))
_PAPER, _INK, _SEAL = (250, 248, 242), (120, 120, 124), (200, 60, 52)


def picture_of(name: str) -> bytes:
    """A PNG for the proof of this name."""
    dice = random.Random(name)  # noqa: S311  # the same picture for the same name; nothing rests on it being unguessable
    image = Image.new("RGB", SIZE)
    (_scene if PHOTO in name else _sheet)(ImageDraw.Draw(image), dice)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _scene(draw: ImageDraw.ImageDraw, dice: random.Random) -> None:
    """Sky and ground, houses with roofs and doors, and a notice board in front."""
    width, height = SIZE
    line = dice.randrange(190, 230)
    draw.rectangle((0, 0, width, line), dice.choice(_SKIES))
    draw.rectangle((0, line, width, height), dice.choice(_GROUNDS))
    for left in range(dice.randrange(10, 40), width - 90, dice.randrange(130, 170)):
        wide, high = dice.randrange(80, 120), dice.randrange(60, 100)
        top = line - high + 14
        draw.rectangle((left, top, left + wide, line + 14), dice.choice(_WALLS))
        draw.polygon([(left - 8, top), (left + wide // 2, top - 34), (left + wide + 8, top)], dice.choice(_ROOFS))
        draw.rectangle((left + 14, line - 26, left + 34, line + 14), (92, 78, 66))
    board = dice.randrange(60, width - 220)
    draw.rectangle((board, line + 30, board + 150, line + 100), (58, 92, 128))
    for row in range(3):
        draw.rectangle((board + 10, line + 40 + row * 19, board + 140, line + 53 + row * 19), (246, 246, 242))
    for post in (board + 16, board + 128):
        draw.rectangle((post, line + 100, post + 7, line + 128), (80, 80, 84))


def _sheet(draw: ImageDraw.ImageDraw, dice: random.Random) -> None:
    """A head line, lines of text, and a round seal where an office sets it."""
    draw.rectangle((0, 0, *SIZE), (226, 226, 226))
    draw.rectangle((110, 14, 370, 346), _PAPER)
    draw.rectangle((170, 40, 310, 50), _SEAL)
    for row in range(dice.randrange(9, 12)):
        draw.rectangle((135, 76 + row * 20, dice.randrange(290, 346), 82 + row * 20), _INK)
    draw.ellipse((268, 256, 330, 318), outline=_SEAL, width=4)
    draw.ellipse((290, 278, 308, 296), _SEAL)
