"""Says days, times, numbers, money and sizes the way the office does, in three languages.

Pure functions: the reader's day (`today`) and `language` are arguments, days are days of Asia/Shanghai. The rules are those
of design.md §4: no year within the year, today and its neighbours in words, times without a leading zero, money in 万元.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from states.definition import Language

OFFICE = ZoneInfo("Asia/Shanghai")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NEAR: dict[int, tuple[str, str]] = {0: ("今天", "today"), -1: ("昨天", "yesterday"), 1: ("明天", "tomorrow")}
_WAN = 1_000_000  # 1万元 in cents


def local_day(at: datetime) -> date:
    """The office's day of an aware time."""
    return at.astimezone(OFFICE).date()


def full_day(on: date, *, language: Language) -> str:
    """With the year: 2027年1月15日, 15 Jan 2027."""
    if language == "en":
        return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"
    return f"{on.year}年{on.month}月{on.day}日"


def plain_day(on: date, *, today: date, language: Language) -> str:
    """Never in words: 11月11日, and with the year where it is another: 2027年1月15日."""
    if on.year != today.year:
        return full_day(on, language=language)
    return f"{on.day} {_MONTHS[on.month - 1]}" if language == "en" else f"{on.month}月{on.day}日"


def day(on: date, *, today: date, language: Language) -> str:
    """今天, 昨天 and 明天 in words, every other day as `plain_day`."""
    near = _NEAR.get((on - today).days)
    if near:
        return near[language == "en"]
    return plain_day(on, today=today, language=language)


def narrow_day(on: date, *, today: date, language: Language) -> str:
    """For narrow places: the year before and after in words, 明年1月10日."""
    word = {-1: "去年", 1: "明年"}.get(on.year - today.year)
    if language == "en" or word is None:
        return plain_day(on, today=today, language=language)
    return f"{word}{on.month}月{on.day}日"


def month(on: date, *, language: Language) -> str:
    """With the year: 2026年11月, Nov 2026."""
    return f"{_MONTHS[on.month - 1]} {on.year}" if language == "en" else f"{on.year}年{on.month}月"


def weekday(on: date, *, language: Language) -> str:
    """星期三, Wednesday."""
    if language == "en":
        return _WEEKDAYS[on.weekday()]
    return f"星期{'一二三四五六日'[on.weekday()]}"


def clock_time(at: datetime | time, *, language: Language = "zh-Hans") -> str:
    """8:40, on the office's clock; an aware time is moved there, a bare hour is taken as it is."""
    local = at.astimezone(OFFICE).time() if isinstance(at, datetime) else at
    return f"{local.hour}:{local.minute:02d}"


def moment(at: datetime, *, today: date, language: Language) -> str:
    """今天8:40 has its gap from the style sheet; a day in figures is parted by a blank: 11月25日 9:30."""
    said = day(local_day(at), today=today, language=language)
    return f"{said} {clock_time(at, language=language)}"


def lately(at: datetime, *, today: date, language: Language) -> str:
    """For narrow places: the hour on the day itself, 今天 8:40, and the day alone before it: 昨天, 11月20日."""
    on = local_day(at)
    return moment(at, today=today, language=language) if on == today else day(on, today=today, language=language)


def month_day_range(first: date, last: date, *, today: date, language: Language) -> str:
    """9月14至18日 within a month, 9月28日至10月5日 across; in text, so with 至 and not a dash."""
    if language == "en":
        return f"{plain_day(first, today=today, language=language)} to {plain_day(last, today=today, language=language)}"
    start = plain_day(first, today=today, language=language)
    if (first.year, first.month) == (last.year, last.month):
        return f"{start.removesuffix('日')}至{last.day}日"
    return f"{start}至{plain_day(last, today=today, language=language)}"


def number(value: int | float | Decimal, *, places: int = 0) -> str:
    """1,204; with `places` decimals where asked."""
    return f"{value:,.{places}f}"


def percent(share: float) -> str:
    """A share of 1 with one decimal, none where it is whole: 0.714 → 71.4%, 0.9 → 90%."""
    told = f"{share * 100:.1f}"
    return f"{told.removesuffix('.0')}%"


def money(cents: int, *, language: Language) -> str:
    """9万元, 17.89万元, up to three decimals (practice.md §8.4); below 1万元 in 元. English: 90,000 yuan."""
    if language == "en":
        return f"{_trim(Decimal(cents) / 100, 2)} yuan"
    if abs(cents) < _WAN:
        return f"{_trim(Decimal(cents) / 100, 2)}元"
    word = {"zh-Hans": "万元", "zh-Hant": "萬元"}[language]
    return f"{_trim(Decimal(cents) / _WAN, 3)}{word}"


def size(octets: int, *, language: Language) -> str:
    """1.2兆 of 1024 × 1024, as limits are set; below a tenth of that in 千字节; English 1.2 MB, 36 KB."""
    mega = Decimal(octets) / 1024**2
    if mega >= Decimal("0.1"):
        said = f"{mega.quantize(Decimal('0.1'), ROUND_HALF_UP):,}".removesuffix(".0")
        return f"{said} MB" if language == "en" else f"{said}兆"
    kilo = max(1, round(octets / 1024))
    return f"{kilo} {'KB'}" if language == "en" else f"{kilo}{_word('千字节', '千字節', language)}"


def span(length: timedelta, *, language: Language) -> str:
    """How long something stood: 1小时12分, 3天2小时, 40秒. The two largest units, no empty one."""
    seconds = int(length.total_seconds())
    parts = [(seconds // 86400, 0), (seconds // 3600 % 24, 1), (seconds // 60 % 60, 2), (seconds % 60, 3)]
    first = next((index for index, (count, _) in enumerate(parts) if count), 3)
    said = [(count, unit) for count, unit in parts[first : first + 2] if count and (unit < 3 or first >= 2)]
    units = {
        "zh-Hans": ("天", "小时", "分", "秒"),
        "zh-Hant": ("天", "小時", "分", "秒"),
        "en": (" d", " h", " min", " s"),
    }[language]
    joint = " " if language == "en" else ""
    return joint.join(f"{count}{units[unit]}" for count, unit in said or [(0, 3)])


def days(count: int, *, language: Language) -> str:
    """Calendar days: 12天, 12 days."""
    return f"{count:,} {'day' if count == 1 else 'days'}" if language == "en" else f"{count:,}天"


def workdays(count: float, *, language: Language) -> str:
    """Working days: 8个工作日, 8 working days; a mean or a median with one decimal where it is not whole."""
    told = _trim(Decimal(str(count)), 1)
    if language == "en":
        return f"{told} working {'day' if count == 1 else 'days'}"
    return f"{told}{_word('个工作日', '個工作日', language)}"


def days_left(count: int, *, language: Language) -> str:
    """From the day due minus today: 剩3天, 今天到期, 逾期12天. In lists always calendar days, so that rows compare."""
    return _left(count, days(abs(count), language=language), language)


def workdays_left(count: int, *, language: Language) -> str:
    """剩3个工作日, 今天到期, 逾期8个工作日. Said on the page of the case only."""
    return _left(count, workdays(abs(count), language=language), language)


def _left(count: int, amount: str, language: Language) -> str:
    if count == 0:
        return _word("今天到期", "今天到期", language, "due today")
    if count < 0:
        return f"{amount} late" if language == "en" else f"逾期{amount}"
    return f"{amount} left" if language == "en" else f"{_word('剩', '剩', language)}{amount}"


def case_number(full: str, *, today: date) -> str:
    """整改〔2026〕417号 → 整改417号 in lists, when it is of this year; any other number as it is.

    Its kind stays: items and clues are counted apart, and stand in one list.
    """
    head, bracket, rest = full.partition(f"〔{today.year}〕")
    return f"{head}{rest}" if bracket and head and rest else full


class Digest(NamedTuple):
    """A digest as people compare it: by what it was made, its hex as other programs print it, and that in groups of eight."""

    by: str
    hex: str
    parts: tuple[str, ...]


def shown_digest(digest: str) -> Digest:
    """The digest of a file, an event or a checkpoint, for a page."""
    mark, _, digits = digest.rpartition(":")
    return Digest(mark.upper() or "SHA-256", digits, tuple(digits[at : at + 8] for at in range(0, len(digits), 8)))


def _trim(value: Decimal, places: int) -> str:
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    whole, _, decimals = f"{rounded:,}".partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def _word(simplified: str, traditional: str, language: Language, english: str = "") -> str:
    return {"zh-Hans": simplified, "zh-Hant": traditional, "en": english}[language]
