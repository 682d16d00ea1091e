"""Which language a page speaks: Flask-Babel over message ids that are the simplified-Chinese sentences themselves.

Simplified Chinese needs no catalogue; traditional Chinese and English are in `translations/`, kept whole by
`python -m web.translate`. The choice is a cookie, so that it holds before sign-in too.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel import Locale
from babel.support import NullTranslations, Translations
from flask import Flask, Response, request
from flask_babel import Babel, get_locale

from states.definition import LANGUAGES, Language, Text

COOKIE = "duban_language"
DEFAULT: Language = "zh-Hans"
FOLDER = Path(__file__).resolve().parent / "translations"
# Their own names, in their own script: a reader who took the wrong one must find the way back.
NAMES: dict[Language, str] = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
_YEAR_SECONDS = 365 * 24 * 3600
_LOCALES: dict[Language, str] = {"zh-Hans": "zh_Hans", "zh-Hant": "zh_Hant", "en": "en"}


def mark(message: str) -> str:
    """The message itself, marked for the catalogue: for tables whose sentences are translated when they are shown."""
    return message


def translate(message: str, language: Language) -> str:
    """The message in a language, in or out of a request; itself where the catalogue does not have it."""
    if language == DEFAULT:
        return message
    return str(_catalogue(language).gettext(message))


@cache
def _catalogue(language: Language) -> NullTranslations:
    return Translations.load(FOLDER, [_LOCALES[language]])


def current_language() -> Language:
    """The language of this request; simplified Chinese outside one."""
    locale = str(get_locale() or "")
    return next((language for language, name in _LOCALES.items() if name == locale), DEFAULT)


def said(text: Text | str) -> str:
    """A definition's label in the language of this request; a plain string, such as a name, as it is."""
    return text if isinstance(text, str) else text.in_(current_language())


def chosen_language() -> Language:
    """The reader's choice, else simplified Chinese; the browser's header is not asked, the office's machines lie in it."""
    chosen = request.cookies.get(COOKIE, "")
    return next((language for language in LANGUAGES if language == chosen), DEFAULT)


def remember_language(response: Response, language: Language, *, secure: bool) -> None:
    """Keeps the choice for a year, in this browser only."""
    response.set_cookie(COOKIE, language, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax", secure=secure)


def install_language(app: Flask) -> Babel:
    """Sets up the catalogues, the filter `said` and the globals `language` and `language_names`."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", _LOCALES[DEFAULT])
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Asia/Shanghai")
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    babel = Babel(app, locale_selector=lambda: Locale.parse(_LOCALES[chosen_language()]))
    app.jinja_env.filters["said"] = said
    app.jinja_env.globals["language"] = current_language
    app.jinja_env.globals["language_names"] = NAMES
    return babel
