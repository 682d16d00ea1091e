"""Which cell styles of an xlsx file are coloured, and in which colour as a person would name it."""

from __future__ import annotations

import colorsys
from xml.etree import ElementTree

from handlers.ledgers.archive import Archive
from handlers.ledgers.xml_parts import local_name, parse_part

_STYLES = "xl/styles.xml"
_INDEXED = {
    "2": "FF0000",
    "10": "FF0000",
    "5": "FFFF00",
    "13": "FFFF00",
    "3": "00FF00",
    "11": "00FF00",
    "4": "0000FF",
}


def coloured_styles(archive: Archive) -> dict[bytes, str]:
    """Style number, as it stands in the sheet → "red", "yellow", "green", "blue" or "other"; plain styles
    are absent.

    A fill counts in any colour but white and grey; letters count only where they are red, which is how
    clerks mark.
    """
    if _STYLES not in archive.entries:
        return {}
    root = parse_part(archive, _STYLES)
    fills = [_fill_colour(fill) for fill in _children(root, "fills")]
    fonts = [_font_colour(font) for font in _children(root, "fonts")]
    found: dict[bytes, str] = {}
    for number, style in enumerate(_children(root, "cellXfs")):
        colour = _pick(fills, style.get("fillId")) or _pick(fonts, style.get("fontId"))
        if colour:
            found[str(number).encode()] = colour
    return found


def name_of_colour(rgb: str) -> str:
    """A colour's plain name; "" for white, black and grey, which mark nothing. `rgb` is hexadecimal."""
    try:
        red, green, blue = (int(rgb[-6:][at : at + 2], 16) / 255 for at in (0, 2, 4))
    except ValueError:
        return "other"
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if saturation < 0.2 or not 0.1 < lightness < 0.97:
        return ""
    degrees = hue * 360
    for most, name in (
        (20, "red"),
        (40, "other"),
        (70, "yellow"),
        (170, "green"),
        (260, "blue"),
        (340, "other"),
    ):
        if degrees < most:
            return name
    return "red"


def _pick(colours: list[str], number: str | None) -> str:
    return colours[int(number)] if number and number.isdigit() and int(number) < len(colours) else ""


def _children(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [child for group in root if local_name(group.tag) == name for child in group]


def _fill_colour(fill: ElementTree.Element) -> str:
    for pattern in fill:
        if pattern.get("patternType") != "solid":
            continue
        for colour in pattern:
            if colour.tag.endswith("fgColor"):
                return _colour(colour)
    return ""


def _font_colour(font: ElementTree.Element) -> str:
    colours = [_colour(part) for part in font if local_name(part.tag) == "color" and part.get("theme") is None]
    return "red" if "red" in colours else ""


def _colour(element: ElementTree.Element) -> str:
    rgb = element.get("rgb") or _INDEXED.get(element.get("indexed", ""), "")
    if rgb:
        return name_of_colour(rgb)
    theme = element.get("theme")
    return "other" if theme is not None and int(theme) >= 4 else ""
