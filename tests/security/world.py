"""A county for the matrix: everybody who may stand anywhere, and cases of every kind in every state of their lives.

It is walked through the engine's own verbs, so that no case is an impossible one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from tests.factories import County, make_county
from tests.shipped.every import test_clue as clues
from tests.shipped.every import test_measure as measures
from tests.shipped.every import test_supervision_order as orders
from tests.shipped.every.counting import ToldCounty
from tests.shipped.every.telling import Story, d, morning
from workflow import occasions
from workflow.models import Area, Grant, Organ, Person
from workflow.outbox import deliver
from workflow.store import Store

# (login, name, disabled, posts as (role, organ, ceiling, until))
LONG_AGO = date(2026, 1, 31)
MORE_PEOPLE: tuple[tuple[str, str, bool, tuple[tuple[str, str, int, date | None], ...]], ...] = (
    ("mei", "梅雪", False, (("inspector", "office", 3, None),)),
    ("jin", "金岩", False, (("deputy", "office", 3, None), ("handler", "liuhe_discipline", 3, None))),
    ("ren", "任重", False, (("deputy", "office", 3, None), ("head", "office", 3, None))),
    ("guan", "观察员", False, (("observer", "office", 3, None),)),
    ("di", "低密员", False, (("handler", "office", 1, None),)),
    ("shuang", "双职员", False, (("head", "office", 0, None), ("handler", "liuhe_discipline", 3, None))),
    ("guoqi", "过期员", False, (("handler", "office", 3, LONG_AGO),)),
    ("huibi", "回避员", False, (("handler", "office", 3, None),)),
    ("wu_zhi", "无职员", False, ()),
    ("xitong", "系统员", False, (("system_admin", "office", 0, None),)),
    ("baomi", "保密员", False, (("security_admin", "office", 0, None),)),
    ("shenji", "审计员", False, (("audit_admin", "office", 0, None),)),
    ("liucheng", "流程员", False, (("workflow_admin", "office", 0, None),)),
    ("linxian", "邻县员", False, (("handler", "other_office", 3, None), ("head", "other_office", 3, None))),
)


@dataclass
class World:
    """The county with its stories by a name each: the id of every case that the matrix asks for."""

    county: ToldCounty
    ids: dict[str, int]

    def reopened(self, url: str) -> World:
        """The same over a copy of its database."""
        county: ToldCounty = self.county.reopened(url)
        return World(county, {**self.ids})

    def close(self) -> None:
        """Gives the database's connections back."""
        self.county.close()


def make_world(url: str, ready: Callable[[County], None] = lambda _county: None) -> World:
    """The world in a migrated database, as it is at the end of March; what is to be `ready` before its cases begin."""
    plain = make_county(url)
    ready(plain)
    county = ToldCounty(plain.database, plain.engine, plain.areas, plain.organs, plain.people)
    _add_people(county)
    ids = dict(_cases(county))
    _bar(county, ids)
    _confine(county, ids)
    county.engine.tick(morning("04-02"))
    deliver(county.database, {}, now=morning("04-03"))
    return World(county, ids)


def _add_people(county: County) -> None:
    def work(store: Store) -> None:
        county.areas["other"] = store.new_ids(Area, 1)[0]
        area = {"id": county.areas["other"], "parent_id": None, "level": "county", "name": "邻水县", "short_name": "邻水县"}
        store.insert(Area, [{**area, "division_code": "", "official_order": 90}])
        county.organs["other_office"] = store.new_ids(Organ, 1)[0]
        organ = {"id": county.organs["other_office"], "area_id": county.areas["other"], "kind": "inspection_office"}
        organ |= {"level": "county", "name": "邻水县委巡察办", "short_name": "邻水巡察办", "official_order": 90}
        store.insert(Organ, [organ])
        for login, name, is_disabled, posts in MORE_PEOPLE:
            _add_person(store, county, login, name, is_disabled=is_disabled, posts=posts)
        for part in occasions.PARTS:
            occasions.moved(store, part)

    county.database.write(work)


def _add_person(store: Store, county: County, login: str, name: str, *, is_disabled: bool, posts: Any) -> None:
    began = datetime(2026, 1, 1, tzinfo=UTC)
    person_id = county.people[login] = store.new_ids(Person, 1)[0]
    row = {"id": person_id, "login": login, "name": name, "email": "", "phone": "", "language": "zh-Hans"}
    row |= {"must_change": False, "created_at": began, "toured_at": began, "disabled_at": began if is_disabled else None}
    store.insert(Person, [row])
    grants = [
        {
            "person_id": person_id,
            "role": role,
            "organ_id": county.organs[organ],
            "title": "",
            "ceiling": ceiling,
            "until": until,
        }
        for role, organ, ceiling, until in posts
    ]
    store.insert(Grant, grants)


def _cases(county: ToldCounty) -> Iterator[tuple[str, int]]:
    for make in (_clues, _items, _measures, _orders, _talks):
        for name, story in make(county):
            yield name, story.id


def _clues(county: ToldCounty) -> Iterator[tuple[str, Story]]:
    """Clues in every state, with those that came back, went elsewhere, or were told by a team."""
    yield "clue received", clues.received(county, title="危房补助线索甲", reporter_name="举报人甲", summary="冒领危房补助")
    yield "clue of the team", clues.received(county, "wu", title="危房补助线索乙")
    yield "clue of a township", clues.received(county, "xu", title="低保线索丙", subject="xitou_branch")
    yield "clue transferred", clues.transferred(county, title="低保线索丁")
    yield "clue supervised", clues.supervised(county, title="惠农补贴线索戊", reporter_name="举报人戊")
    yield "clue rectified", clues.rectified(county, title="惠农补贴线索己")
    yield "clue closed", clues.closed(county, title="惠农补贴线索庚")
    yield "clue barred", clues.supervised(county, title="工程款线索辛")
    yield "clue confined", clues.supervised(county, title="工程款线索寅")
    yield "clue elsewhere", clues.supervised(county, "qingshi_discipline", "xie", subject="shimen_branch", title="工程款线索壬")
    back = clues.transferred(county, title="集体资金线索癸")
    back.press("hand_back", "luo", d("03-13"))
    back.press("transfer", "zhao", d("03-16"), recipient="commission")
    back.press("sign_for", "qian", d("03-17"))
    yield "clue handed on", back
    void = clues.received(county, title="重复线索子")
    void.press("conclude", "zhao", d("03-12"), ground="void")
    yield "clue void", void


def _item(county: ToldCounty, title: str, subject: str = "donggou_branch", login: str = "lin", **facts: Any) -> Story:
    plain = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county", "feedback_on": "2026-03-02"}
    return Story.open(county, "rectification", d("03-02"), login, subject=subject, title=title, **{**plain, **facts})


def _handed(county: ToldCounty, title: str, to: str = "donggou_branch", **told: Any) -> Story:
    story = _item(county, title, **{"subject": to, **told})
    story.press("transfer", "zhao", d("03-03"), recipient=to)
    return story


def _signed(county: ToldCounty, title: str, to: str = "donggou_branch", signer: str = "zhou", **told: Any) -> Story:
    story = _handed(county, title, to, **told)
    story.press("sign_for", signer, d("03-04"))
    return story


def _reported(county: ToldCounty, title: str) -> Story:
    story = _signed(county, title)
    story.prove("zhou", d("03-10"))
    story.press("report_rectified", "zhou", d("03-11"))
    return story


def _items(county: ToldCounty) -> Iterator[tuple[str, Story]]:
    """Items in every state: before and after the hand-over, handed back, closed, voided, and of another township."""
    yield "item received", _item(county, "公开栏未更新一")
    yield "item transferred", _handed(county, "公开栏未更新二")
    yield "item supervised", _signed(county, "公开栏未更新三")
    yield "item rectified", _reported(county, "台账缺失四")
    closed = _reported(county, "台账缺失五")
    closed.press("close", "song", d("03-16"), ground="completed")
    yield "item closed", closed
    yield "item elsewhere", _signed(county, "水渠破损六", "shimen_branch", "shi")
    back = _handed(county, "水渠破损七", "bureau", subject="donggou_branch")
    back.press("hand_back", "ma", d("03-04"))
    back.press("transfer", "zhao", d("03-05"), recipient="donggou_branch")
    yield "item handed on", back
    void = _item(county, "误登八")
    void.press("conclude", "zhao", d("03-03"), ground="void")
    yield "item void", void
    yield "item of a township", _item(county, "乡镇自查九", login="xu", subject="xitou_branch")
    helped = _item(county, "协办十", assisting=[{"unit": county.organs["liuhe_finance"]}])
    helped.press("transfer", "zhao", d("03-03"), recipient="donggou_branch")
    yield "item with helpers", helped


def _measures(county: ToldCounty) -> Iterator[tuple[str, Story]]:
    yield "measure doing", measures.doing(county)
    yield "measure kept up", measures.kept_up(county)
    yield "measure done", measures.done(county)


def _orders(county: ToldCounty) -> Iterator[tuple[str, Story]]:
    yield "order issued", orders.issued(county)
    yield "order signed", orders.signed(county)
    yield "order answered", orders.answered(county)
    village = Story.open(county, "supervision_order", d("03-02"), "chen", subject="donggou_branch", title="乡镇督办单")
    yield "order of a township", village


def _talks(county: ToldCounty) -> Iterator[tuple[str, Story]]:
    """Talks registered by hand, each between two others, and each at another stage."""
    yield "talk proposed", Story.open(county, "interview", d("03-16"), "lin", subject="xitou_branch", title="约谈一")
    ordered = Story.open(county, "interview", d("03-16"), "lin", subject="shimen_branch", title="约谈二")
    ordered.press("order", "zhao", d("03-18"))
    yield "talk ordered", ordered
    told = Story.open(county, "interview", d("03-16"), "lin", subject="donggou_branch", title="约谈三")
    told.press("order", "zhao", d("03-18"))
    told.press("notify", "chen", d("03-19"), held_on="2026-03-24")
    yield "talk notified", told
    held = Story.open(county, "interview", d("03-16"), "gao", subject="liuhe_party", title="约谈四")
    held.press("order", "zhao", d("03-18"))
    held.press("notify", "gao", d("03-19"), held_on="2026-03-24")
    held.press("hold_talk", "gao", d("03-24"), held_on="2026-03-24")
    yield "talk held", held
    waived = Story.open(county, "interview", d("03-16"), "lin", subject="bureau", title="约谈五")
    waived.press("waive", "zhao", d("03-17"), ground="waived")
    yield "talk waived", waived


def _bar(county: ToldCounty, ids: dict[str, int]) -> None:
    """A person and an organ are taken off, one each."""
    lin, on = county.actor("lin", d("03-20")), morning("03-20")
    for name in ("clue received", "item supervised", "order issued"):
        county.engine.bar(ids[name], actor=lin, now=on, reason="亲属", person_id=county.people["huibi"])
    county.engine.bar(ids["clue barred"], actor=lin, now=on, reason="亲属", organ_id=county.organs["commission"])
    county.engine.bar(ids["item elsewhere"], actor=lin, now=on, reason="亲属", organ_id=county.organs["qingshi_party"])


def _confine(county: ToldCounty, ids: dict[str, int]) -> None:
    """Only those who are named, and who leads the office or the body that holds it, know of it."""
    lin, on = county.actor("lin", d("03-20")), morning("03-20")
    county.engine.confine(ids["clue confined"], actor=lin, now=on, reason="少数人知悉", people=[county.people["mei"]])
