"""A configuration carried to another installation: the file to take away, and what a file would change here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from handlers.settings.registry import SETTINGS
from handlers.settings.titles import LABEL
from states.checks import prove
from states.definition import Language
from states.errors import BadInput, DefinitionError, DomainError, InvalidForm, NotFound
from states.schema import load
from web.access import Access, Route
from web.configuration.differences import differences
from web.configuration.words import kind_title, setting_title
from web.current import actor, now, office
from web.errors import Problem, problem_of
from web.imports.waiting import Waiting, forget, keep, take
from web.language import current_language, mark
from web.text_files import sentence_in
from web.wiring import Office, vocabulary
from workflow.configuration import bundles, changes
from workflow.configuration.bundles import DEFINITION, Part
from workflow.configuration.kinds import in_force, require_faultless
from workflow.configuration.settings import ROLE
from workflow.files import clean_name
from workflow.occasion import Occasion
from workflow.store import Store
from workflow.types import Actor

FATES: Mapping[str, str] = {
    "new": mark("新增"),
    "changed": mark("不同"),
    "present": mark("相同"),
    "waiting": mark("已在等决定或已有草稿"),
    "blocked": mark("另有改动在等决定，先定下它"),
    "duty": mark("不归你改，由管这一类的人导入"),
}
# Who sees settings at all; who changes one is said by its kind.
READERS = ("workflow_admin", "system_admin", "security_admin", "audit_admin")
KEEPERS = ("workflow_admin", "security_admin")
# So many changes of one text are told; all of them stand on the page of its proposal.
SENTENCES = 6


def whole_bundle(place: Office, at: Any) -> bytes:
    """Everything in force as one file."""
    kinds = SETTINGS.values()
    return bundles.pack(place.engine.read(at, lambda store, occasion: bundles.collect(store, occasion, kinds)))


def parts_of(place: Office, source: bytes, at: Any, language: Language) -> list[Part]:
    """The parts of a bundle, each held against the checks of this installation; BadInput or SettingFaulty names the first file
    that does not fit.
    """
    parts = bundles.read_parts(bundles.unpack(source), SETTINGS)
    words = _known_words(place, parts)
    for part in parts:
        if part.kind == DEFINITION:
            _require_sound(part, words, language)

    def check(store: Store, occasion: Occasion) -> None:
        for part in parts:
            if part.kind != DEFINITION:
                kind = SETTINGS[part.kind]
                require_faultless(kind, part.key, part.data, changes.known_of(store, occasion.catalogue, kind, part.key))

    place.engine.read(at, check)
    return parts


def _known_words(place: Office, parts: Iterable[Part]) -> Any:
    """The vocabulary with what the bundle itself brings: its roles, labels and kinds."""
    titles = {**place.titles}
    for kind, group in ((ROLE, "roles"), (LABEL, "evidence_labels")):
        titles[group] = {**titles[group], **{part.key: part.data for part in parts if part.kind == kind}}
    known = vocabulary(titles)
    return replace(known, kinds=known.kinds | {part.key for part in parts if part.kind == DEFINITION})


def _require_sound(part: Part, words: Any, language: Language) -> None:
    try:
        faults = prove(part.data, words) if load(part.data).key == part.key else ()
    except DefinitionError as refusal:
        faults = refusal.params["faults"]
    except TypeError:
        raise BadInput(why="bundle_names", file=part.name) from None
    if faults:
        raise BadInput(why="bundle_unknown", file=part.name, said=sentence_in(faults[0], language))
    if part.data.get("key") != part.key:
        raise BadInput(why="bundle_names", file=part.name)


def compared(place: Office, who: Actor, parts: list[Part], at: Any) -> list[Part]:
    """The parts with what would become of each."""
    return place.engine.read(at, lambda store, occasion: bundles.compare(store, occasion, who, SETTINGS, parts))


def brought_in(place: Office, who: Actor, parts: list[Part], reason: str, at: Any) -> list[Part]:
    """Drafts and proposals of what differs."""
    body: Any = partial(bundles.bring_in, kinds=SETTINGS, parts=parts, reason=reason)
    found: list[Part] = place.engine.administer(lambda desk: body(desk), actor=who, now=at)
    return found


def part_title(titles: Mapping[str, Any], part: Part, language: Language) -> str:
    """What a part is called."""
    if part.kind == DEFINITION:
        told = part.data.get("title", part.key)
        return str(told.get(language, part.key) if isinstance(told, Mapping) else told)
    return setting_title(titles, part.kind, part.key, part.data)


# ---- pages ----------------------------------------------------------------------------------------------------------------


def _require(*roles: str) -> None:
    if not actor().has_role(*roles):
        raise NotFound(what="page")


def bundle_file() -> Response:
    """The whole configuration, to take away."""
    _require(*READERS)
    headers = {"Content-Disposition": 'attachment; filename="duban-configuration.zip"'}
    return Response(whole_bundle(office(), now()), mimetype="application/zip", headers=headers)


def bundle_page() -> Any:
    """The file to take away, and the form for one that was brought."""
    _require(*READERS)
    return _page(None)


def _page(problem: Problem | None, **told: Any) -> Any:
    may = actor().has_role(*KEEPERS)
    page = render_template("configuration/bundle.html", problem=problem, may=may, **{"lines": None, "word": "", **told})
    return page, problem.status if problem else 200


def look_at_bundle() -> Any:
    """What a file would change here; nothing is changed yet."""
    _require(*KEEPERS)
    upload = request.files.get("file")
    try:
        if upload is None or not upload.filename:
            raise InvalidForm(fields={"file": ["required"]})
        source = upload.stream.read(bundles.MAX_PACKED + 1)
        parts = parts_of(office(), source, now(), current_language())
        waiting = keep(Waiting(clean_name(upload.filename), source))
    except DomainError as refusal:
        return _page(problem_of(refusal))
    return _page(None, lines=_lines(compared(office(), actor(), parts, now())), word=waiting.word)


def _lines(parts: list[Part]) -> Any:
    """(fate, its words, how many, parts by name with what they change), what differs first; what is the same is counted."""
    counted = Counter(part.status for part in parts)
    other = [part for part in parts if part.status != "present"]
    named = office().engine.read(now(), lambda _store, occasion: [_line(part, occasion) for part in other])
    return [(fate, gettext(FATES[fate]), counted[fate], [one for one in named if one[0].status == fate]) for fate in FATES]


def _line(part: Part, occasion: Occasion) -> tuple[Part, str, str, list[str]]:
    title = part_title(office().titles, part, current_language())
    if part.kind == DEFINITION:
        return part, gettext("流程"), title, []
    found = differences(in_force(occasion, SETTINGS[part.kind], part.key), part.data)
    return part, kind_title(part.kind), title, [one.text for one in found[:SENTENCES]]


def take_bundle_in() -> Any:
    """Drafts and proposals of what differs, to be decided on like any other."""
    _require(*KEEPERS)
    try:
        waiting = take(request.form.get("word", ""))
        parts = parts_of(office(), waiting.source, now(), current_language())
    except DomainError as refusal:
        return _page(problem_of(refusal))
    try:
        made = brought_in(office(), actor(), parts, request.form.get("reason", ""), now())
    except DomainError as refusal:
        lines = _lines(compared(office(), actor(), parts, now()))
        return _page(problem_of(refusal), lines=lines, word=waiting.word)
    forget(waiting)
    drafted = sum(part.made is not None and part.kind == DEFINITION for part in made)
    proposed = sum(part.made is not None and part.kind != DEFINITION for part in made)
    flash(gettext("已导入：流程草稿%(a)s份，提出改动%(b)s项", a=drafted, b=proposed), "toast")
    return redirect(url_for("configuration.configuration_page"), 303)


ROUTES = (
    Route("/configuration/bundle", bundle_page, Access.SIGNED_IN),
    Route("/configuration/bundle.zip", bundle_file, Access.SIGNED_IN, fresh=True),
    Route("/configuration/bundle", look_at_bundle, Access.SIGNED_IN, ("POST",)),
    Route("/configuration/bundle/in", take_bundle_in, Access.SIGNED_IN, ("POST",), fresh=True),
)
