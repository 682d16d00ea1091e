"""What lies on a case: evidence that is added, files, letters as Word files."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext

from handlers.letters.facts import LetterFacts
from handlers.registry import LETTERS
from states.errors import BadInput, CaseNotFound, DomainError, InvalidForm, NotFound
from web.cases import page as shown
from web.cases.letters import letter_facts
from web.cases.sheets import offer_of
from web.cases.showing import labels_of, render_case
from web.cases.typed import receive, text, who
from web.cases.uploads import hold, is_whole, name_of, take_in
from web.current import actor, now, office
from web.errors import Problem, problem_of
from web.fetching import claim_on, copy_to_look_at, is_copied, original_of, row_of
from web.formatting import shown_digest
from web.language import mark
from web.parts import is_part
from web.scanning import scans
from web.storable import whole
from workflow import files
from workflow.reads.case_page import case_page as read_case
from workflow.reads.issued import issued_of
from workflow.reads.seen import see
from workflow.scanning import held
from workflow.verbs.evidence import why_not_under
from workflow.versions.recorded import scenario_of, scenario_text

# A file is shown as what its bytes are and as nothing else: it runs nothing, loads nothing, and only our own pages frame it.
# The browser dresses a picture that fills a window in styles of its own, which a stricter policy would refuse and complain of.
SHOWN_AS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}


def scenario(case_id: int) -> Any:
    """The case as a scenario for its workflow, a file of YAML: days, steps and choices, no words and no names."""
    told = office().engine.read(now(), lambda store, occasion: scenario_of(see(store, occasion, actor(), case_id)))
    kind = {"Content-Type": "application/yaml; charset=utf-8", "Content-Disposition": "attachment; filename=scenario.yaml"}
    return Response(scenario_text(told), headers=kind)


def add_evidence(case_id: int) -> Any:
    """Keeps the uploaded files and adds them to the case, all of them or none; each that cannot be kept is named."""
    page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    sent = Sent()
    try:
        sent = receive_all(case_id, partial(why_not_under, page.definition, text("label")))
        if sent.faults:
            return evidence_sheet(case_id, sent.problem(), sent)
        if not sent.received:
            raise InvalidForm(fields={"file": ["required"]})
        office().engine.add_uploads(case_id, uploads=sent.files, label=text("label"), caption=text("caption"), **who())
    except CaseNotFound:
        raise
    except DomainError as refusal:
        return evidence_sheet(case_id, problem_of(refusal), sent)
    flash(gettext("已上传"), "toast")
    return redirect(url_for("cases.case_page", case_id=case_id) + "#evidence", 303)


def evidence_sheet(case_id: int, problem: Problem, sent: Sent) -> Any:
    """The form of adding evidence as it was filled in; the whole case for whoever has no part to show it in."""
    sent = sent.held(case_id)
    page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    if not is_part() or offer_of(page, "evidence") is None:
        return render_case(case_id, problem.status, problem=problem, typed=request.form, sent=sent)
    rendered = render_template(
        "cases/parts/evidence_form.html", row=page.row, labels=labels_of(page), problem=problem, typed=request.form, sent=sent
    )
    return rendered, problem.status


@dataclass(frozen=True, slots=True)
class Sent:
    """The files of a form: those `received`, each with its word, and a sentence about each of the others in `faults`.

    `refused` are the words of what has come whole and is not taken: to send it again would change nothing.
    """

    received: tuple[tuple[str, files.Received], ...] = ()
    faults: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def files(self) -> list[files.Received]:
        """What is to become evidence."""
        return [one for _word, one in self.received]

    def held(self, case_id: int) -> Sent:
        """The same, with a word for each file that came with the form itself."""
        return replace(self, received=tuple((word or hold(one, case_id), one) for word, one in self.received))

    def problem(self) -> Problem:
        """What the form says that is shown again."""
        kept = (gettext("其他文件已经收下，不用再选"),) if self.received else ()
        return replace(problem_of(BadInput()), status=422, title=gettext("有文件不能上传"), reasons=(*self.faults, *kept))


def receive_all(case_id: int, why_not: Callable[[str], str] = lambda _media_type: "") -> Sent:
    """The form's files, whose bytes lie safely by now. They came with the form, or before it in parts (`uploads.py`).

    `why_not` tells of a media type why no such file is taken here.
    """
    sent = [upload for upload in request.files.getlist("file") if upload.filename]
    ways: list[tuple[str, str, Callable[[], files.Received]]]
    ways = [("", one.filename or "", partial(receive, one)) for one in sent]
    ways += [(word, name_of(word), partial(take_in, word, case_id)) for word in request.form.getlist("upload")]
    received, faults, refused = [], [], []
    for word, told, way in ways:
        try:
            one = way()
            if why := why_not(one.media_type):
                raise BadInput(why=why)
            received.append((word, one))
        except DomainError as refusal:
            problem, name = problem_of(refusal), files.clean_name(told)
            faults.append(gettext("“%(name)s”：%(why)s", name=name, why="".join(problem.reasons) or problem.title))
            refused += [word] if word and is_whole(word) else []
    return Sent(tuple(received), tuple(faults), tuple(refused))


# What is said of a file that is not handed out.
HELD = {
    "file_waiting": mark("待查：还没有查过病毒，查过以后再打开"),
    "file_infected": mark("已隔离：查出病毒，不能打开、下载。原件还在，校验码不变；请上传人重新提供，并告诉系统管理员"),
}


def file(file_id: int) -> Any:
    """A file's original, for those who are given it; what a page shows of it (`show`) is the copy, for everybody."""
    if request.args.get("show") != "1" or (row := row_of(file_id))["media_type"] not in shown.PREVIEWED:
        return original_of(file_id)
    answer = copy_to_look_at(row)
    answer.headers.update(SHOWN_AS)
    return answer


def look(case_id: int, file_id: int) -> Any:
    """One file of a case with its digest, which is checked against its bytes before anything is shown."""
    page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    found = next((file for file in page.evidence if file.file_id == file_id), None)
    if found is None:
        raise NotFound(what="file", id=file_id)
    why = office().database.read(lambda store: held(store, found.digest, scans=scans()))
    with files.open_file(office().vault, {"digest": found.digest}):
        digest = shown_digest(found.digest)
    told: dict[str, Any] = {"page": page, "file": found, "digest": digest, "held": HELD.get(why, ""), "shown": shown}
    row = None if why else row_of(file_id)
    told |= {"claim": row and claim_on(row), "is_copied": row and is_copied(row)}
    return render_template("cases/look.html", **told)


def letter(case_id: int, name: str) -> Any:
    """A letter that the case has issued, as a Word file: that of the event `seq`, else the latest of its name."""
    seq = request.args.get("seq", type=whole)

    def read(store: Any, occasion: Any) -> LetterFacts:
        page = read_case(store, occasion, actor(), case_id)
        issued = next((one for one in page.letters if one.letter == name and seq in (None, one.seq)), None)
        if issued is None:
            raise NotFound(what="letter", id=name)
        return letter_facts(page, occasion, issued_of(store, occasion, case_id, issued))

    facts, known = office().engine.read(now(), read), LETTERS[name]
    mimetype = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    answer: Response = send_file(
        io.BytesIO(known.build(facts)), mimetype=mimetype, as_attachment=True, download_name=f"{known.title}.docx"
    )
    return answer
