"""Long text on a page: its beginning, and the whole of it a click away; without a script too, and on paper whole."""

from __future__ import annotations

from flask_babel import gettext
from markupsafe import Markup

# Texts longer than this are folded, in characters; a line break counts as a line of them.
FOLDED_FROM = 300
EXCERPT = 140
LINE = 40


def folded(words: str | Markup) -> str | Markup:
    """The words, folded where they are long; markup, which is a list of rows, stays as it is."""
    if isinstance(words, Markup) or len(words) + LINE * words.count("\n") <= FOLDED_FROM:
        return words
    head = words.replace("\n", " ")[:EXCERPT].rstrip()
    return Markup(
        '<details class="fold"><summary><span class="fold-head">{}…</span><span class="fold-more">{}</span></summary>'
        '<span class="fold-whole">{}</span></details>'
    ).format(head, gettext("展开全文（%(n)s字）", n=len(words)), words)
