"""Says the parts of a definition in words: states, steps, posts, limits, conditions, each as a reader knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from handlers.effects.messages import ANSWER_WORKDAYS
from states.definition import ASKER, Language
from web.configuration.words import MESSAGES
from web.formatting import full_day
from web.language import mark, translate
from workflow.ladders import OVERDUE, RESUME
from workflow.versions.permitted import ACCESS, APPROVAL, VOTE, Post, Right

Titles = Mapping[str, Any]
UNITS = {"day": mark("%(n)s天"), "workday": mark("%(n)s个工作日"), "month": mark("%(n)s个月")}
POST = mark("%(organ)s的%(role)s")
WHO_ASKED = mark("提请审批的人")
BEFORE, ON_THE_DAY, AFTER = mark("到期前%(limit)s"), mark("到期当天"), mark("到期后%(limit)s")
NO_LIMIT, NOBODY, NOTHING = mark("不定期限"), mark("没有人"), mark("没有")
YES, NO = mark("是"), mark("否")
IS = mark("“%(field)s”为“%(value)s”")
NOT, ANY, ALL = mark("并非%(parts)s"), mark("%(parts)s之一"), mark("%(parts)s都要")
DATE_OF = mark("按“%(field)s”")
AT_MOST = mark("按“%(field)s”，最多%(limit)s")
FILES = mark("至少%(n)s份")
FRESH = mark("退回后要有新的")
LADDERS = {
    "long": mark("长期限的督促"),
    "medium": mark("中等期限的督促"),
    "short": mark("短期限的督促"),
    "by_length": mark("按期限长短选的督促"),
    "none": mark("不督促"),
}
FIGURES = {"year": mark("年份"), "n": mark("序号"), "parent": mark("主件编号")}
FORMATS = {"phone": mark("电话号码")}
NOT_AFTER = {"limit": mark("本件的期限"), "parent_limit": mark("上级事项的期限")}
NOT_BEFORE = {"state": mark("到这一步的那天")}
SAID_BESIDE = "say"
OPENING = mark("登记")
TAKES = {"picture": mark("图片"), "scan": mark("图片或扫描件")}
SHARES = {"half": mark("过半数"), "two_thirds": mark("三分之二"), "all": mark("全体")}
RESTARTS = {"never": mark("不重新起算"), "anew": mark("重新起算")}
TELLS = {"name": mark("姓名"), "post": mark("职务"), "phone": mark("电话"), "organ": mark("单位")}
SAME = mark("原状态")
IN_STATES = mark("在%(states)s时")
RIGHTS = {APPROVAL: mark("审批“%(step)s”"), VOTE: mark("表决“%(step)s”")}
RUNG_STEPS = {OVERDUE: mark("转为逾期"), RESUME: mark("恢复计时")}


class Names:
    """The words of two definitions beside each other; the new one is asked first. `language` is the reader's."""

    def __init__(self, titles: Titles, language: Language, *documents: Mapping[str, Any]) -> None:
        self.titles, self.language, self.documents = titles, language, documents
        self._ways: Mapping[str, Callable[[Any], str]] = {**self._parts(), **self._rules()}

    def _parts(self) -> dict[str, Callable[[Any], str]]:
        """How keys and plain values are told."""
        return {
            "label": self.label,
            "limit": self.limit,
            "offset": self.offset,
            "flag": lambda value: self._mark(YES if value else NO),
            "plain": str,
            "pattern": self.pattern,
            "state": self.state,
            "target": lambda key: self._mark(SAME) if key == "=" else self.state(key),
            "step": self.step,
            "field": self.field,
            "clock": self.clock,
            "ladder": self.ladder,
            "role": lambda key: self._title("roles", key),
            "relation": lambda key: self.place(key),
            "holder": lambda key: self._title("holders", key) or self._title("relations", key),
            "separation": lambda key: self._title("separation", key),
            "organ_kind": lambda key: self._title("organ_kinds", key),
            "letter": lambda key: self._title("letters", key),
            "evidence_label": lambda key: self._title("evidence_labels", key),
            "retention": lambda key: self._title("retentions", key),
            "rung": lambda key: self._title("rungs", key),
            "colour": lambda key: self._title("colours", key),
            "counts": lambda key: self._title("counts", key),
            "level": lambda key: self._title("levels", key),
            "field_type": lambda key: self._title("field_types", key),
        }

    def _rules(self) -> dict[str, Callable[[Any], str]]:
        """How values that have parts of their own are told."""
        return {
            "post": self.post,
            "restart": lambda key: self._mark(RESTARTS[key]),
            "share": lambda key: self._mark(SHARES[key]),
            "kind": self.kind,
            "when": self.when,
            "condition": self.condition,
            "call": self.call,
            "params": self.params,
            "interviewers": self.interviewers,
            "who": lambda who: self._list(self.posts(who)),
            "access": self.access,
            "start": self.start,
            "weight": self.weight,
            "suggest": lambda told: f"{self.post(told['post'])}{self._mark(TELLS[told.get('tells', 'name')])}",
            "evidence": self.evidence,
            "label_rule": lambda told: (
                self._title("evidence_labels", told["label"]) + self.aside(self._mark(TAKES[told["takes"]]))
            ),
            "proof": lambda told: self._title("evidence_labels", told["label"]) + self.aside(self.when(told["when"])),
            "consent": lambda told: self._list(
                self.step(told[name])
                for name in ("asked_by", "given_by", "refused_by", "withdrawn_by", "taken_back_by")
                if told.get(name)
            ),
            "not_after": lambda key: self._mark(NOT_AFTER[key]),
            "format": lambda key: self._mark(FORMATS[key]),
            "not_before": lambda key: self._mark(NOT_BEFORE[key]),
            "day": lambda text: full_day(date.fromisoformat(text), language=self.language),
            "unsaid": lambda _value: "",
        }

    def tell(self, way: str, value: Any) -> str:
        """One value in words; "" where it has none that a reader would know."""
        return self._ways[way](value) if value is not None else ""

    def _mark(self, message: str, **words: Any) -> str:
        told = translate(message, self.language)
        return told % words if words else told

    def _list(self, parts: Iterable[str]) -> str:
        return self._mark("、").join(part for part in parts if part)

    def aside(self, told: str) -> str:
        """The same in brackets, "" for nothing."""
        return self._mark(mark("（%(name)s）"), name=told) if told else ""

    def _title(self, group: str, key: Any) -> str:
        told = self.titles[group].get(key) or self.titles[group].get(str(key), {})
        return self.label(told.get("title", told))

    def _named(self, part: str, name: str, key: str) -> str:
        for document in self.documents:
            for one in document.get(part, ()):
                if one.get(name) == key:
                    return self.label(one["title"])
        return ""

    def label(self, told: Any) -> str:
        """A label in the reader's language."""
        if isinstance(told, Mapping):
            return str(told.get(self.language) or told.get("zh-Hans", ""))
        return str(told)

    # ---- parts by their key ---------------------------------------------------------------------------------------------

    def state(self, key: str) -> str:
        """A state by its stage."""
        return self._named("states", "key", key)

    def step(self, trigger: str) -> str:
        """A step; registering is one too."""
        return self._mark(OPENING) if trigger == "open" else self._named("transitions", "trigger", trigger)

    def field(self, key: str) -> str:
        """A fact, or a question of any form."""
        found = self._named("fields", "key", key)
        if found:
            return found
        forms = (step.get("form", ()) for document in self.documents for step in document.get("transitions", ()))
        return next((self.label(one["title"]) for form in forms for one in form if one["key"] == key), "")

    def clock(self, key: str) -> str:
        """A clock."""
        return self._named("clocks", "key", key)

    def ladder(self, key: str) -> str:
        """A ladder has no title of its own: it is called by its lengths, or by the clocks that climb it."""
        if key in LADDERS or not key:
            return self._mark(LADDERS[key or "none"])
        climbing = [
            self.label(clock["title"])
            for document in self.documents[:1]
            for clock in document.get("clocks", ())
            if clock.get("ladder") == key
        ]
        return self._mark(mark("%(clocks)s的督促"), clocks=self._list(climbing)) if climbing else self._mark(mark("另一种督促"))

    def kind(self, key: str) -> str:
        """A kind of case: this one by its title, any other by the office's list."""
        return next((self.label(one["title"]) for one in self.documents if one.get("key") == key), "")

    # ---- people ---------------------------------------------------------------------------------------------------------

    def place(self, address: str) -> str:
        """The organ that an address leads to: a relation, or a kind of organ above it or in the county."""
        head, _, kind = str(address).partition(":")
        if kind:
            return self._title("organ_kinds", kind)
        return self._title("relations", head.removeprefix("above_") if head not in self.titles["relations"] else head)

    def post(self, address: str) -> str:
        """role@relation as a post: 乡镇党委书记, 承办单位的主要负责人."""
        if address == ASKER:
            return self._mark(WHO_ASKED)
        role, _, place = str(address).partition("@")
        kind = place.partition(":")[2]
        return self._post_in(role, kind) if kind else self._mark(POST, organ=self.place(place), role=self._title("roles", role))

    def _post_in(self, role: str, organ_kind: str) -> str:
        posts = self.titles["roles"].get(role, {}).get("posts", {})
        if organ_kind in posts:
            return self.label(posts[organ_kind])
        return self._mark(POST, organ=self._title("organ_kinds", organ_kind), role=self._title("roles", role))

    def posts(self, who: Mapping[str, Any]) -> list[str]:
        """Everybody whom one line of `who` lets in."""
        places = [self.place(relation) for relation in who.get("relations", ())]
        if not who.get("organs"):
            return [self._mark(POST, organ=place, role=self._title("roles", role)) for role in who["roles"] for place in places]
        posts = [self._post_in(role, kind) for role in who["roles"] for kind in who["organs"]]
        return [post + self.aside(place) for post in posts for place in places]

    def interviewers(self, told: Mapping[str, str]) -> str:
        """Who holds the talk, by the level of whom it is about."""
        colon = self._mark("：")
        return self._list(self._title("area_levels", level) + colon + self.place(place) for level, place in told.items())

    def held(self, post: Post) -> str:
        """A post by its role and organ; without a role everybody of the organ."""
        place = self.place(post.relation)
        if not post.role:
            return place + self.aside(self._title("organ_kinds", post.organ) if post.organ else "")
        if post.organ:
            return self._post_in(post.role, post.organ) + self.aside(place)
        return self._mark(POST, organ=place, role=self._title("roles", post.role))

    def right(self, right: Right) -> str:
        """What somebody may do: a step, its approval, the vote on it, or to know of a case, read it, act on it."""
        if right.what == ACCESS:
            return self._title("access", right.name)
        step = self.step(right.name)
        return self._mark(RIGHTS[right.what], step=step) if right.what in RIGHTS else step

    def next_rung(self, key: str | None) -> str:
        """What comes next on a ladder, or that nothing does."""
        if key is None or key in RUNG_STEPS:
            return self._mark(RUNG_STEPS.get(key or "", NOTHING))
        tiers = (tier for document in self.documents for ladder in document.get("ladders", ()) for tier in ladder["tiers"])
        return next((self.label(rung["title"]) for tier in tiers for rung in tier if rung["key"] == key), "")

    def access(self, rule: Mapping[str, Any]) -> str:
        """Who sees or acts."""
        narrowed = self._list(self._title("organ_kinds", kind) for kind in rule.get("organs", ()))
        states = self._list(map(self.state, rule.get("in", ())))
        told = self._list([narrowed, self._mark(IN_STATES, states=states) if states else ""])
        place = self.place(rule["relation"]) + self.aside(told)
        return (
            f"{place}{self._title('access', rule['may'])}"
            if self.language != "en"
            else f"{place}: {self._title('access', rule['may'])}"
        )

    def pattern(self, text: str) -> str:
        """How cases are counted, with words where figures will stand."""
        for name, words in FIGURES.items():
            text = text.replace(f"{{{name}}}", self._mark(words))
        return f"“{text}”"

    # ---- limits and conditions ------------------------------------------------------------------------------------------

    def limit(self, text: str) -> str:
        """60个工作日, or that there is none."""
        if text == "none":
            return self._mark(NO_LIMIT)
        amount, unit = text.split(" ")
        return self._mark(UNITS[unit], n=amount)

    def offset(self, text: str) -> str:
        """Before, on or after the day due."""
        amount = int(text.split(" ")[0])
        if amount == 0:
            return self._mark(ON_THE_DAY)
        return self._mark(BEFORE if amount < 0 else AFTER, limit=self.limit(text.lstrip("-")))

    def limit_row(self, row: Mapping[str, Any]) -> str:
        """What one row of a limit table gives."""
        if not row.get("date_field"):
            return self.limit(row.get("limit", "none"))
        field = self.field(row["date_field"])
        if row.get("at_most"):
            return self._mark(AT_MOST, field=field, limit=self.limit(row["at_most"]))
        return self._mark(DATE_OF, field=field)

    def days(self, days: Iterable[int]) -> str:
        """The days of each month on which a clock falls due."""
        last = self._mark(mark("月末"))
        told = (last if day == 31 else self._mark(mark("%(n)s日"), n=day) for day in days)
        return self._mark(mark("每月%(days)s"), days=self._list(told))

    def when(self, told: Mapping[str, Any]) -> str:
        """Facts and the values that are asked of them."""
        return self._list(self._mark(IS, field=self.field(key), value=self.value(key, value)) for key, value in told.items())

    def value(self, field: str, value: Any) -> str:
        """A value of a fact: the title of a choice, yes or no, or what was written."""
        if isinstance(value, list):
            return self._mark(mark("”或“")).join(self.value(field, one) for one in value)
        if isinstance(value, bool):
            return self._mark(YES if value else NO)
        for one in self._fields():
            if one["key"] == field:
                for choice in one.get("choices", ()):
                    if choice["key"] == value:
                        return self.label(choice["title"])
        return "" if isinstance(value, str) else str(value)

    def _fields(self) -> Iterable[Mapping[str, Any]]:
        for document in self.documents:
            yield from document.get("fields", ())
            for step in document.get("transitions", ()):
                yield from step.get("form", ())

    def condition(self, told: Any) -> str:
        """A condition, or several joined."""
        if isinstance(told, str):
            return self._title("guards", told)
        if SAID_BESIDE in told:
            plain = {name: params for name, params in told.items() if name != SAID_BESIDE}
            return self.condition(plain) + self.aside(self.label(told[SAID_BESIDE]))
        name, params = next(iter(told.items()))
        if name in ("all", "any"):
            return self._mark(ALL if name == "all" else ANY, parts=self._list(map(self.condition, params)))
        if name == "not":
            return self._mark(NOT, parts=self.condition(params))
        return self._title("guards", name) + self._bracket(params)

    def _bracket(self, params: Mapping[str, Any]) -> str:
        return self.aside(self.params(params))

    def params(self, params: Mapping[str, Any]) -> str:
        """What of the parameters a reader knows: a fact with its value, labels, a step, a letter, a message, numbers."""
        known: dict[str, Callable[[Any], str]] = {
            "labels": lambda value: self._list(self._title("evidence_labels", one) for one in value),
            "trigger": self.step,
            "letter": lambda value: self._title("letters", value),
            "message": lambda value: self._mark(MESSAGES[value]) if value in MESSAGES else "",
            "answer_within": lambda value: self.limit(f"{ANSWER_WORKDAYS[value]} workday") if value in ANSWER_WORKDAYS else "",
            "to": lambda value: self._list(map(self.post, value)),
            "clocks": lambda value: self._list(map(self.clock, value)),
        }
        said = [tell(params[key]) for key, tell in known.items() if key in params]
        if "field" in params:
            value = params.get("value", params.get("values"))
            field = self.field(params["field"])
            said.append(self._mark(IS, field=field, value=self.value(params["field"], value)) if value is not None else field)
        said += [str(value) for value in params.values() if isinstance(value, int) and not isinstance(value, bool)]
        return self._list(said)

    def call(self, told: Any) -> str:
        """An effect by its title, with what of its parameters a reader knows."""
        if isinstance(told, str):
            return self._title("effects", told)
        name, params = next(iter(told.items()))
        return self._title("effects", name) + self._bracket(params or {})

    def start(self, told: Mapping[str, Any]) -> str:
        """What starts a clock."""
        more = [self._mark(DATE_OF, field=self.field(told["date_field"]))] if told.get("date_field") else []
        more += [self.when(told["when"])] if told.get("when") else []
        return self.step(told["on"]) + self.aside(self._list(more))

    def weight(self, told: Mapping[str, Any]) -> str:
        """A class of retention, and which cases are kept so long."""
        more = [self.when(told["when"])] if told.get("when") else []
        more += [self._list(map(self.ground, told["grounds"]))] if told.get("grounds") else []
        return self._title("retentions", told["retention"]) + self.aside(self._list(more))

    def ground(self, key: str) -> str:
        """How a case ends."""
        steps = (step for document in self.documents for step in document.get("transitions", ()))
        return next((self.label(one["title"]) for step in steps for one in step.get("grounds", ()) if one["key"] == key), "")

    def evidence(self, told: Mapping[str, Any]) -> str:
        """How many files, and which."""
        labels = self._list(self._title("evidence_labels", one) for one in told.get("labels", ()))
        count = self._mark(FILES, n=told["at_least"]) if told.get("at_least") else ""
        return self._list([labels, count, self._mark(FRESH) if told.get("fresh") else ""])
