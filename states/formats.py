"""The named formats that a text may be asked in: a registry, so that a definition names one and never writes a pattern."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """`read` gives what people write in the one way in which it is kept, or None for what is not of the format."""

    read: Callable[[str], str | None]
    example: str


# What people put between the figures of a number to make it readable.
_BETWEEN = re.compile(r"[\s()\-‐-―−]+")
# 电信网编号计划: a mobile number has eleven figures and begins with 13 to 19; 010 and 02x have eight figures after them, the
# other area codes, 03xx to 09xx, seven or eight.
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
_LANDLINE = re.compile(r"(?:\+?86)?(010|02[0-9]|0[3-9][0-9]{2})([2-9][0-9]{6,7})")
_LONG_AREAS = ("010", "02")
_EXTENSION = re.compile(r"(.*?)(?:转|轉|分机|分機|ext\.?|[x#*])([0-9]{1,6})", re.IGNORECASE)
# A second dash before a short number is how many write an extension: 0300-1234567-801.
_DASHED = re.compile(r"(.*[-\s)].*[0-9]{7,8})-([0-9]{1,6})")


def read_phone(text: str) -> str | None:
    """A mobile number as 13800000000, a landline as 0300-2345678 or 0300-2345678转801; None for anything else."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _EXTENSION.fullmatch(plain.replace(" ", "")) or _DASHED.fullmatch(plain)
    number, extension = (found[1], found[2]) if found else (plain, "")
    figures = _BETWEEN.sub("", number)
    if (mobile := _MOBILE.fullmatch(figures)) and not extension:
        return mobile[1]
    landline = _LANDLINE.fullmatch(figures)
    if landline is None or (landline[1].startswith(_LONG_AREAS) and len(landline[2]) != len("12345678")):
        return None
    return f"{landline[1]}-{landline[2]}" + (f"转{extension}" if extension else "")


FORMATS: Mapping[str, Format] = {"phone": Format(read_phone, example="0300-2345678")}
