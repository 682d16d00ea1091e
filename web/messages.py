"""The words of messages, as the county has set them: number, count and dates filled in, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from web.formatting import full_day

WEEKDAYS = {
    "zh-Hans": ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
    "zh-Hant": ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
# What a mail says around the sentences of its messages.
MAIL = {
    "mail_subject": {"zh-Hans": "督办：{count}条提醒", "zh-Hant": "督辦：{count}條提醒", "en": "Duban: {count} notices"},
    "mail_more": {"zh-Hans": "另有{count}条。", "zh-Hant": "另有{count}條。", "en": "And {count} more."},
    "mail_where": {
        "zh-Hans": "登录后查看全部：{address}",
        "zh-Hant": "登錄後查看全部：{address}",
        "en": "Sign in to see all: {address}",
    },
}


def render(titles: Mapping[str, Any], message: str, params: Mapping[str, Any], language: str) -> str:
    """The sentence of a message; where a value that it names is missing, its variant without it."""
    if message in MAIL:
        return MAIL[message][language].format_map(params)
    told = titles["messages"][message]
    values = {name: _word(name, params.get(name), language) for name in told["params"]}
    missing = [name for name, value in values.items() if value == ""]
    variant = told["without"] if missing and "without" in told else told
    text: str = variant.get(language) or variant["zh-Hans"]
    return text.format_map(values)


def _word(name: str, value: Any, language: str) -> str:
    if value in (None, ""):
        return ""
    if isinstance(value, Mapping):  # a word of the definition, in each language
        return str(value.get(language) or value.get("zh-Hans", ""))
    if name == "weekday":
        return WEEKDAYS[language][int(value) - 1]
    if isinstance(value, str) and name.endswith(("_on", "_by")):
        try:
            return full_day(date.fromisoformat(value), language=language)  # type: ignore[arg-type]  # a language of ours
        except ValueError:
            return value
    return str(value)
