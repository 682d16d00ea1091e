"""The one table of HTTP: every refusal by its code → status and wording; and the two shapes in which it is answered.

Programs get problem details (RFC 9457) with our `code`, people get a page. Absent, invisible and forbidden are one answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, current_app, json, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from states.definition import Language
from states.errors import DomainError, NotFound, NotPermitted, TooFast, TransitionRefused
from states.faults import Fault
from web.answer_words import MISSING
from web.file_words import FILE_KINDS, FILE_SAID, MAPPING_WHY
from web.formatting import clock_time, full_day, size
from web.language import chosen_language, current_language, mark, translate
from web.parts import beside, is_part
from web.setting_words import setting_words
from web.text_files import document_words, line_of, sentence_in
from web.wording import BARE, FAULTS, INPUT_WHY, UNKNOWN_FAULT, UNKNOWN_WHY, WHY, WHY_NOT
from workflow.models.columns import time_from_text

log = structlog.get_logger()
API = "/api/"
PROBLEM = "application/problem+json"
# Parameters of a refusal that hold keys of a definition.
KEYED = ("field", "trigger", "state", "kind")
# Guards that count, by (name, times), where the number is not said: a step that is to be taken once, or not a second time.
UNCOUNTED = {("fired_at_least", 1): "fired_once", ("fired_at_most", 0): "fired_before"}
UNTIL = "%(time)s"
OR, OR_VALUE, AND = mark("，或者"), mark("”或“"), mark("、")

# What a wrong input is called on top of its reason: one that could not be read, an answer that is to be mended, anything else.
UNREAD = ("unknown_", "no_such_", "cursor", "not_json", "day_unread", "bundle_unreadable", "draft_unreadable")
_FILLED_IN = """
reason_empty title_empty label name name_is_so name_taken mapping_name view not_a_day grant_day day_is_past day_too_far
day_too_far_back until_before_since expires_at order_number mail_hours login login_taken email phone ceiling split_parts
day_without_year setting_unreadable password_wrong password_short password_long password_login password_common password_plain
reason_too_long approval_empty none_chosen granted
password_classes password_former password_same code_wrong login_unknown provider_subject
"""
FILLED_IN = frozenset(_FILLED_IN.split())
UNREAD_TITLE = mark("有一处不能识别，没有提交")
FILLED_IN_TITLE = mark("填写有误，没有提交")
REFUSED_TITLE = mark("没有办成")


@dataclass(frozen=True, slots=True)
class Answer:
    """A status of HTTP with a title and a sentence, both message ids. `code` stands in problem details."""

    status: int
    code: str
    title: str
    text: str = ""


ABSENT = Answer(
    404,
    "not_found",
    mark("没有这一项"),
    mark("地址或编号可能有误，也可能不在你的知情范围内。需要查看的，向巡察办申请。"),
)
# By code of the refusal. Cases, things and pages that are not there, or not for this reader, share one answer.
REFUSALS: Mapping[str, Answer] = {
    "refused": Answer(409, "refused", mark("没有办成"), mark("内容没有改动。")),
    "definition_faulty": Answer(422, "definition_faulty", mark("流程定义有错，没有保存")),
    "form_invalid": Answer(422, "form_invalid", mark("填写有误，没有提交")),
    "not_permitted": Answer(403, "not_permitted", mark("这一步不由你办")),
    "original_kept": Answer(
        403,
        "original_kept",
        mark("没有给你原件"),
        mark("原件只给上传人、登记单位和交办机关；有保密内容的事项，只给能查看这些内容的人。其他人用流转件。"),
    ),
    "original_sealed": Answer(
        403, "original_sealed", mark("这份原件要写明用途才给"), mark("打开这份材料，点“下载原件”，写明用途。")
    ),
    "case_not_found": ABSENT,
    "not_found": ABSENT,
    "transition_refused": Answer(409, "transition_refused", mark("现在还不能办这一步")),
    "case_stale": Answer(409, "case_stale", mark("这一项刚刚被更新"), mark("没有重复办理，刷新后再办。你填写的内容还在。")),
    "key_reused": Answer(422, "key_reused", mark("这次提交和上次内容不同"), mark("刷新后重新提交。")),
    # Whether the account exists is not said, nor which of the two was wrong.
    "sign_in_failed": Answer(
        401, "sign_in_failed", mark("账号或口令不对"), mark("看看大小写和输入法，再输一次；忘了口令的，找系统管理员。")
    ),
    "proof_failed": Answer(
        401,
        "proof_failed",
        mark("没有验证通过"),
        mark("验证码、备用码或安全密钥没有对上。验证码用过一次就作废，过了时间也作废，等出现下一个再输。"),
    ),
    "provider_away": Answer(
        503, "provider_away", mark("统一身份认证现在连不上"), mark("用本站的账号和口令登录，或者过一会儿再试。")
    ),
    "provider_refused": Answer(
        401, "provider_refused", mark("统一身份认证没有证明是你本人"), mark("重新登录一次；还不行的，告诉系统管理员。")
    ),
    "trip_over": Answer(
        401, "trip_over", mark("这次登录已经失效"), mark("从这里重新开始：隔了十分钟、换了浏览器，或者同时开了两次，都会失效。")
    ),
    "other_person": Answer(401, "other_person", mark("统一身份认证里登录的不是你本人"), mark("用自己的身份重新登录。")),
    # A suspended account gets the same answer as none.
    "not_linked": Answer(403, "not_linked", mark("本站没有和这个身份对应的可用账号"), mark("由安全管理员对应后才能登录。")),
    "sign_in_delayed": Answer(429, "sign_in_delayed", mark("试得太快了"), mark("%(seconds)s秒后再试。")),
    "sign_in_busy": Answer(503, "sign_in_busy", mark("现在登录的人太多"), mark("%(seconds)s秒后再登录。")),
    "conflict": Answer(409, "conflict", mark("和已有的内容冲突，没有保存")),
    "too_many": Answer(429, "too_many", mark("办得太多，这一次没有办"), mark("%(time)s以后再办。")),
    "too_fast": Answer(429, "too_fast", mark("点得太快了，这一次没有办"), mark("%(seconds)s秒后再试。")),
    "took_too_long": Answer(
        503,
        "took_too_long",
        mark("查得太久，已经停下"),
        mark("缩小范围再查，例如加上日期、单位或者种类；一直这样的，告诉系统管理员。"),
    ),
    "reason_needed": Answer(422, "reason_needed", mark("没有写明用途"), mark("写明用途，再继续。")),
    "outcome_unknown": Answer(
        503,
        "outcome_unknown",
        mark("还不知道有没有办成"),
        mark("数据库在最后一刻没有回答。过一会儿把同一次提交再交一遍，已经办成的不会重办。"),
    ),
    "read_only": Answer(
        503,
        "read_only",
        mark("现在只能看，不能办"),
        mark("数据库暂时不能写，这一次没有办，内容没有改动。填写的内容先留着，恢复后再交；查看要留记录的，恢复后才能看。"),
    ),
    "not_ready": Answer(503, "not_ready", mark("还不能使用")),
    "bad_input": Answer(400, "bad_input", UNREAD_TITLE),
    "ledger_file_refused": Answer(422, "ledger_file_refused", mark("这个文件没能导入")),
    "setting_faulty": Answer(422, "setting_faulty", mark("配置的文本有误，没有提出")),
    "ledger_mapping_faulty": Answer(422, "ledger_mapping_faulty", mark("表头对照有误，没有导入")),
}
# Whoever has no second factor is asked for his password, and hears of nothing else.
PASSWORD_WRONG = mark("口令不对，再输一次；忘了口令的，找系统管理员。")
# Refusals of the frame itself, before any rule was asked.
STATUSES: Mapping[int, Answer] = {
    400: Answer(400, "bad_request", mark("没能读出这次提交"), mark("退回上一页再试。")),
    401: Answer(401, "sign_in_needed", mark("离开太久，请重新登录"), mark("写了一半的内容存在这台电脑上，登录后接着写。")),
    403: ABSENT,
    404: ABSENT,
    405: Answer(405, "method_not_allowed", mark("不能这样打开这一页"), mark("从台账里重新进入。")),
    413: Answer(413, "too_large", mark("文件太大，没有上传"), mark("一次最多%(size)s，缩小后再传，或分几次传。")),
    415: Answer(415, "unsupported_media_type", mark("不认识这种内容"), mark("内容没有改动。")),
    422: Answer(422, "form_invalid", mark("填写有误，没有提交")),
    429: Answer(429, "too_many_requests", mark("试得太快了"), mark("过几分钟再试。")),
    500: Answer(500, "failed", mark("没有办成，程序出了差错"), mark("内容没有改动。把下面的编号告诉系统管理员。")),
    503: Answer(503, "unavailable", mark("暂时打不开"), mark("过一会儿再试，内容没有改动。")),
}
PAGE_TOO_OLD = Answer(400, "csrf", mark("这一页开得太久，没有提交"), mark("刷新后再办，内容没有改动。"))


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal in the reader's words, for both shapes. `fields` maps a question to sentences.

    `at` are those of the `reasons` that `fields` says too, of the answers that are to be mended. `wait`: after so many seconds
    it may be tried again, which the header Retry-After says; None where nobody knows.
    """

    status: int
    code: str
    title: str
    text: str = ""
    reasons: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] | None = None
    reference: str = ""
    at: tuple[str, ...] = ()
    wait: int | None = None


def answer_for(error: DomainError) -> Answer:
    """The answer of the refusal's own class, else of the nearest class above it that has one."""
    codes = [kind.code for kind in type(error).__mro__ if issubclass(kind, DomainError)]
    return next(REFUSALS[code] for code in codes if code in REFUSALS)


def problem_of(error: DomainError, language: Language | None = None, *, names: Mapping[str, str] | None = None) -> Problem:
    """The refusal in a language, by default that of this request. What is absent says nothing of what was asked for.

    `names` are the reader's words for what reasons may name (`reasons_of`).
    """
    language = language or current_language()
    answer = answer_for(error)
    if answer is ABSENT:
        return _problem(answer, language)
    why = _why(error)
    told = [item for item in why if isinstance(item, Mapping) and item.get("at")] if isinstance(why, list) else []
    codes = {key: found for item in told for key, found in item["at"].items()} | error.params.get("fields", {})
    fields = {key: tuple(sentences(found, language)) for key, found in codes.items()}
    reasons = tuple(reasons_of(why, names, language=language)) or _faults(error, language)
    at = tuple(reasons_of(told, names, language=language))
    problem = _problem(_headed(answer, error), language, reasons=reasons, fields=fields or None, at=at)
    seconds = error.params.get("seconds")
    return problem if seconds is None else replace(problem, text=_waits(problem.text, error.params, language), wait=seconds)


def _waits(text: str, params: Mapping[str, Any], language: Language) -> str:
    """The sentence that says how long to wait, or until when on the office's clock; "" where an old refusal kept no hour."""
    told: dict[str, Any] = {"seconds": params["seconds"]}
    if "until" in params:
        again = time_from_text(params["until"]) + timedelta(seconds=59)  # the minute that has not begun
        told["time"] = clock_time(again, language=language)
    return text % told if "time" in told or UNTIL not in text else ""


def _headed(answer: Answer, error: DomainError) -> Answer:
    if answer.code == "proof_failed" and error.params.get("asked") == "password":
        return replace(answer, text=PASSWORD_WRONG)
    # Most wrong inputs were read well and are refused for a reason, which the title must not deny.
    why = error.params.get("why")
    if answer.code != "bad_input" or not isinstance(why, str) or why not in INPUT_WHY or why.startswith(UNREAD):
        return answer
    return replace(answer, title=FILLED_IN_TITLE if why in FILLED_IN else REFUSED_TITLE)


def _faults(error: DomainError, language: Language) -> tuple[str, ...]:
    """Each fault of a definition or of a mapping of columns, once."""
    return tuple(dict.fromkeys(_fault(fault, language) for fault in error.params.get("faults", ())))


def _fault(fault: Fault | Mapping[str, Any], language: Language) -> str:
    if isinstance(fault, Fault):
        return ": ".join(filter(None, (fault.pointer, sentence_in(fault, language))))
    if "said" in fault:
        return line_of(fault)
    if "rule" in fault:
        return setting_words(fault, language)
    try:
        # Of a text that is no YAML, what is wrong with it there.
        said = {"said": document_words(fault["code"], fault["key"], language)} if "code" in fault else {}
        return translate(MAPPING_WHY[fault["why"]], language) % {**fault, **said}
    except KeyError:
        return translate(UNKNOWN_WHY, language)


def _problem(answer: Answer, language: Language, **more: Any) -> Problem:
    text = translate(answer.text, language) if answer.text else ""
    return Problem(answer.status, answer.code, translate(answer.title, language), text, **more)


def sentence_of(error: DomainError, language: Language) -> str:
    """The refusal on one line, for the command line: what was refused, and why."""
    problem = problem_of(error, language)
    faults = [f"{key} {'、'.join(said)}" for key, said in (problem.fields or {}).items()]
    told = [problem.title, *(problem.reasons or faults or ([problem.text] if problem.text else []))]
    return (": " if language == "en" else "：").join(
        [told[0], ("; " if language == "en" else "；").join(told[1:])][: len(told)]
    )


def missing_words(error: NotFound, language: Language) -> str:
    """What is not there, for the command line. A case is never named so: absent and hidden stay one answer."""
    message = MISSING.get(str(error.params.get("what")))
    return translate(message, language) % error.params if message else sentence_of(error, language)


def _why(error: DomainError) -> Any:
    why = error.params.get("why")
    # A plain name has its parameters beside it, and of a wrong input it means another thing than of a refused step.
    about_steps = isinstance(error, TransitionRefused | NotPermitted)
    return {"name": why, "params": error.params, "input": not about_steps} if isinstance(why, str) else why


def reasons_of(why: Any, names: Mapping[str, str] | None = None, *, language: Language | None = None) -> list[str]:
    """Sentences for a `why`: a name, or a list of {"name", "params", "negated", "alternatives"} of unmet conditions.

    `names` gives the reader's word for a field's, a step's or a state's key; where it is missing, the sentence does without.
    """
    if not why:
        return []
    language = language or current_language()
    return [_reason(item, names or {}, language) for item in ([why] if isinstance(why, str | Mapping) else why)]


def _reason(item: str | Mapping[str, Any], names: Mapping[str, str], language: Language) -> str:
    if isinstance(item, str):
        item = {"name": item}
    if item.get("say"):
        return str(item["say"][language])
    if item.get("alternatives"):
        # What waives an approval is a fact of the case, and nothing to be made true so that nobody need approve.
        if "approval_given" in {part.get("name") for part in item["alternatives"]}:
            return _reason("approval_given", names, language)
        either = [_reason(part, names, language) for part in item["alternatives"]]
        return translate(OR, language).join(either)
    name, is_negated = str(item.get("name", "")), bool(item.get("negated"))
    name = UNCOUNTED.get((name, (item.get("params") or {}).get("times", 1)), name)
    first, then = (INPUT_WHY, WHY) if item.get("input") else (WHY, INPUT_WHY)
    params = {**item, **(item.get("params") or {}), **(item.get("told") or {})}
    name = "newer_evidence" if params.get("sent_back") else "unfit_evidence" if params.get("unfit") else name
    if is_negated and isinstance(params.get("value"), bool):
        # Not yes is no: a flag is told as what it must be.
        is_negated, params["value"] = False, not params["value"]
    message = WHY_NOT.get(name) if is_negated else first.get(name) or then.get(name)
    try:
        return translate(message or UNKNOWN_WHY, language) % _words(params, names, language)
    except KeyError:
        return translate(UNKNOWN_WHY if is_negated else BARE.get(name, UNKNOWN_WHY), language)


def _words(params: Mapping[str, Any], names: Mapping[str, str], language: Language) -> dict[str, Any]:
    """The parameters as a sentence takes them: a key of a definition has its title there, or is left out."""
    words = {key: names.get(str(value)) if key in KEYED else value for key, value in params.items()}
    most = params.get("limit", params.get("most"))
    words |= {
        key: translate(FILE_KINDS[params[key]], language) for key in ("claimed", "found") if params.get(key) in FILE_KINDS
    }
    if params.get("from_on"):
        words["from_on"] = full_day(date.fromisoformat(str(params["from_on"])), language=language)
    words["size"] = size(most, language=language) if isinstance(most, int) else None
    asked = params["values"] if "values" in params else [params["value"]] if "value" in params else []
    titles = [names.get(f"{params.get('field')}:{value}") for value in asked]
    words["values"] = translate(OR_VALUE, language).join(filter(None, titles)) if titles and all(titles) else None
    labels = [names.get(f"label:{label}") for label in params.get("labels") or ()]
    words["labels"] = translate(AND, language).join(filter(None, labels)) if labels and all(labels) else None
    return {key: word for key, word in words.items() if word is not None}


def sentences(codes: Iterable[str | Mapping[str, Any]], language: Language | None = None) -> list[str]:
    """What is wrong with one answer, in words; a code may name the day or the number that its sentence speaks of.

    A file that is not taken has its `why` with its parameters in place of a code, and is named.
    """
    return [_fault_of_answer(code, language or current_language()) for code in codes]


def _fault_of_answer(code: str | Mapping[str, Any], language: Language) -> str:
    if isinstance(code, Mapping):
        why = _reason({"name": code["why"], "params": code, "input": True}, {}, language)
        return translate(FILE_SAID, language) % {"name": code["file"], "why": why}
    name, *bounds = code.split(":")
    said = translate(FAULTS.get(name, UNKNOWN_FAULT), language)
    numbers = [bound for bound in bounds if bound.isdecimal()]
    days = [full_day(date.fromisoformat(bound), language=language) for bound in bounds if not bound.isdecimal()]
    return said % {**dict(zip(("number", "most"), numbers, strict=False)), **dict(zip(("day",), days, strict=False))}


def install_errors(app: Flask) -> None:
    """Answers every refusal, every status and every failure in the shape that the caller reads."""
    app.register_error_handler(DomainError, lambda error: _respond(problem_of(error)))
    # Refusing costs less than answering would have, or who is refused takes the others' time all the same (R41).
    app.register_error_handler(TooFast, lambda error: _respond_alone(problem_of(error)))
    app.register_error_handler(HTTPException, _answer_status)
    app.register_error_handler(InternalServerError, _answer_failure)


def _answer_status(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < HTTPStatus.BAD_REQUEST:
        return error.get_response()  # type: ignore[return-value]  # a redirect, or an answer made elsewhere
    answer = PAGE_TOO_OLD if isinstance(error, CSRFError) else STATUSES.get(error.code or 500, STATUSES[400])
    problem = _problem(answer, current_language(), fields=_schema_faults(error))
    if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        most = size(current_app.config["MAX_CONTENT_LENGTH"], language=current_language())
        problem = replace(problem, text=problem.text % {"size": most})
    # A status without words of its own keeps its number.
    known = answer is not STATUSES[400]
    response = _respond(problem if known else replace(problem, status=error.code or 400))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response


def _schema_faults(error: HTTPException) -> dict[str, tuple[str, ...]] | None:
    # A schema of the API (flask-smorest) hangs its messages on the exception: place → field → sentences.
    places = (getattr(error, "data", None) or {}).get("messages")
    if not isinstance(places, Mapping):
        return None
    found = {str(key) for messages in places.values() if isinstance(messages, Mapping) for key in messages}
    return {key: (translate(UNKNOWN_FAULT, current_language()),) for key in sorted(found)} or None


def _answer_failure(error: InternalServerError) -> Response:
    reference = uuid.uuid4().hex[:8]
    log.error("request_failed", reference=reference, path=request.path, exc_info=error.original_exception)
    # Without the frame: what it reads for every page may be what failed.
    return _respond_alone(_problem(STATUSES[500], chosen_language(), reference=reference))


def wants_problem_json() -> bool:
    """Is the caller a program? The API's addresses always; elsewhere who accepts JSON and no page."""
    accepted = request.accept_mimetypes
    return request.path.startswith(API) or (accepted.accept_json and not accepted.accept_html)


def as_json(problem: Problem) -> dict[str, Any]:
    """Problem details: type, title, status, code, and of detail, why, fields, reference those that there are."""
    told: dict[str, Any] = {
        "type": f"urn:duban:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
    }
    rest = {
        "detail": problem.text,
        "why": list(problem.reasons),
        "fields": {key: list(said) for key, said in (problem.fields or {}).items()},
        "reference": problem.reference,
    }
    return told | {key: value for key, value in rest.items() if value}


def _respond(problem: Problem) -> Response:
    if wants_problem_json():
        told = Response(json.dumps(as_json(problem)), status=problem.status, mimetype=PROBLEM)
        return _saying_when(told, problem)
    if is_part():
        return _beside(problem)
    return _saying_when(Response(render_template("problem.html", problem=problem), status=problem.status), problem)


def _respond_alone(problem: Problem) -> Response:
    """The same, and a page has no frame."""
    if wants_problem_json() or is_part():
        return _respond(problem)
    page = current_app.jinja_env.get_template("failed.html").render(problem=problem, lang=chosen_language())
    return _saying_when(Response(page, status=problem.status), problem)


def _saying_when(response: Response, problem: Problem) -> Response:
    if problem.wait is not None:
        response.headers["Retry-After"] = str(problem.wait)
    return response


def _beside(problem: Problem) -> Response:
    page = current_app.jinja_env.get_template("refused.html").render(problem=problem)
    return beside(Response(page, status=problem.status))
