"""A time of day as people type it: 9:30, ９：３０, 9点半, 下午3点, 15时30分, 0930. Nothing is guessed."""

from __future__ import annotations

import re
import unicodedata

_TYPED = re.compile(r"(上午|下午|晚上|中午)?([0-9]{1,2})(?:[:点點时時.]([0-9]{1,2}|半)?分?)")
_PACKED = re.compile(r"([0-9]{2})([0-9]{2})")
_AFTERNOON = ("下午", "晚上")


def plain_time(text: str) -> str:
    """The time as forms of definitions take it; what is no time stays as it was typed, so that it can be shown again."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    if found := _PACKED.fullmatch(plain):
        half, hour, minute = "", int(found[1]), int(found[2])
    elif found := _TYPED.fullmatch(plain):
        half, hour, minute = found[1] or "", int(found[2]), 30 if found[3] == "半" else int(found[3] or 0)
    else:
        return text
    hour += 12 if half in _AFTERNOON and hour < 12 else 0
    return f"{hour}:{minute:02d}" if hour < 24 and minute < 60 else text
