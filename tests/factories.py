"""A small county and its cases for tests, made through the engine's own verbs, so that no test holds an impossible case.

Three actors recur: the owner (supervisor 林静), the helper (a unit that handles the case), and the outsider from another
township, who must see nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from handlers.registry import EFFECTS, RUNGS
from web.wiring import shipped_workflows
from workflow import definitions, occasions
from workflow.database import Database
from workflow.dates import local_time
from workflow.engine import Engine
from workflow.files import Vault
from workflow.models import Area, Grant, Organ, Person, StoredFile
from workflow.people.actors import actor_of
from workflow.reorganisation.plan import Plan, Wish
from workflow.sealing.escrow import Escrow
from workflow.sealing.masters import Master, Masters
from workflow.sealing.sealer import Sealer
from workflow.store import Store
from workflow.types import Actor, Outcome

MONDAY = date(2026, 3, 2)
# What a request for a later date on an item answers.
WHY_LATER = {"extension_cause": "procedure", "extension_progress": "账已对到2024年"}

# (key, parent, level, name)
AREAS = (
    ("county", None, "county", "安澜县"),
    ("liuhe", "county", "township", "柳河镇"),
    ("qingshi", "county", "township", "青石镇"),
    ("donggou", "liuhe", "village", "东沟村"),
    ("xitou", "liuhe", "village", "西头村"),
    ("shimen", "qingshi", "village", "石门村"),
)
# (key, kind, area, full name)
ORGANS = (
    ("office", "inspection_office", "county", "县委巡察办"),
    ("leading_group", "leading_group", "county", "县委巡察工作领导小组"),
    ("commission", "discipline_commission", "county", "县纪委监委"),
    ("department", "organisation_department", "county", "县委组织部"),
    ("team", "inspection_team", "county", "县委第一巡察组"),
    ("bureau", "county_department", "county", "县农业农村局"),
    ("liuhe_party", "township_party_committee", "liuhe", "柳河镇党委"),
    ("liuhe_discipline", "township_discipline_committee", "liuhe", "柳河镇纪委"),
    ("liuhe_finance", "township_unit", "liuhe", "柳河镇财政所"),
    ("qingshi_party", "township_party_committee", "qingshi", "青石镇党委"),
    ("qingshi_discipline", "township_discipline_committee", "qingshi", "青石镇纪委"),
    ("donggou_branch", "village_party_organisation", "donggou", "东沟村党支部"),
    ("xitou_branch", "village_party_organisation", "xitou", "西头村党支部"),
    ("shimen_branch", "village_party_organisation", "shimen", "石门村党支部"),
)
# (login, name, role, organ, ceiling)
PEOPLE = (
    ("lin", "林静", "handler", "office", 3),
    ("song", "宋伟", "handler", "office", 3),
    ("fang", "方磊", "deputy", "office", 3),
    ("zhao", "赵国华", "head", "office", 3),
    ("gao", "高建国", "head", "leading_group", 3),
    ("liu", "刘岩", "deputy", "leading_group", 3),
    ("qian", "钱锋", "handler", "commission", 3),
    ("yan", "严明", "head", "commission", 3),
    ("guo", "郭宏", "head", "department", 3),
    ("sunli", "孙丽", "handler", "department", 3),
    ("wu", "吴涛", "head", "team", 3),
    ("ma", "马力", "head", "bureau", 3),
    ("chen", "陈立新", "head", "liuhe_party", 3),
    ("xu", "许洁", "handler", "liuhe_party", 3),
    ("he", "何敏", "head", "liuhe_discipline", 3),
    ("luo", "罗亮", "handler", "liuhe_discipline", 3),
    ("ding", "丁凯", "head", "liuhe_finance", 3),
    ("han", "韩冰", "head", "qingshi_party", 3),
    ("xie", "谢芳", "head", "qingshi_discipline", 3),
    ("zhou", "周明远", "head", "donggou_branch", 3),
    ("sun", "孙志强", "handler", "donggou_branch", 3),
    ("feng", "冯国庆", "head", "xitou_branch", 3),
    ("shi", "石大山", "head", "shimen_branch", 3),
)

# The keys of every county of the tests: databases are filled once and copied, and must open wherever they go.
_MASTER = Master(
    "tests", "aes-256-gcm", "2026-01-01T00:00:00.000000+00:00", hashlib.sha256(b"the master key of the tests").digest()
)
_ARCHIVE = X25519PrivateKey.from_private_bytes(hashlib.sha256(b"the escrow key of the tests").digest())
ESCROW = Escrow(
    "archive", "aes-256-gcm", _MASTER.made_at, _ARCHIVE.public_key().public_bytes_raw(), _ARCHIVE.private_bytes_raw()
)
BLINDING = hashlib.sha256(b"the blinding key of the tests").digest()
SEALER = Sealer(lambda: Masters(_MASTER, {_MASTER.id: _MASTER}, BLINDING, {ESCROW.id: ESCROW}))


def vault_of(home: Path, digest_suite: str = "sha256") -> Vault:
    """Where the files of a test lie, under the keys of the tests."""
    return Vault(home, SEALER, digest_suite)


@dataclass
class County:
    """A county in a database, with its engine, its organs and people by key."""

    database: Database
    engine: Engine
    areas: dict[str, int]
    organs: dict[str, int]
    people: dict[str, int]

    def reopened(self, url: str) -> Self:
        """The same county over a copy of its database."""
        database = Database(url)
        engine = Engine(database, effects=EFFECTS, rungs=RUNGS, sealer=SEALER)
        return replace(
            self, database=database, engine=engine, areas={**self.areas}, organs={**self.organs}, people={**self.people}
        )

    def close(self) -> None:
        """Gives the database's connections back."""
        self.database.close()

    def actor(self, login: str, on: date = MONDAY) -> Actor:
        """The person with his posts of that day."""
        found = self.database.read(lambda store: actor_of(store, self.people[login], today=on))
        assert found is not None
        return found

    def fire(self, case_id: int, trigger: str, login: str, at: datetime, **data: Any) -> Outcome:
        """A transition by somebody."""
        return self.engine.fire(case_id, trigger, actor=self.actor(login, at.date()), now=at, data=data)

    def keep_file(self, name: str, login: str) -> int:
        """A stored picture that the person has uploaded; one that ends in .txt is a text."""
        told = (name, "text/plain") if name.endswith(".txt") else (f"{name}.png", "image/png")
        row = {"digest": name, "name": told[0], "media_type": told[1], "size": 3}
        row |= {"uploaded_by": self.people[login], "uploaded_at": datetime(2026, 1, 1, tzinfo=UTC)}

        def work(store: Store) -> int:
            file_id = store.new_ids(StoredFile, 1)[0]
            store.insert(StoredFile, [{"id": file_id, **row}])
            return file_id

        return self.database.write(work)

    def open_item(
        self, at: datetime, *, subject: str = "donggou_branch", title: str = "村务公开栏半年未更新", **data: Any
    ) -> int:
        """A rectification item, registered by 林静."""
        facts = {
            "problem": title,
            "source": "feedback",
            "immediate": "ordinary",
            "first_check": "township",
            "period": "three_months" if data.get("immediate", "ordinary") == "ordinary" else "default_immediate",
            **data,
        }
        return self.engine.open(
            "rectification", actor=self.actor("lin"), now=at, title=title, subject_id=self.organs[subject], data=facts
        ).case_id

    def hand_over(self, case_id: int, at: datetime, *, to: str = "donggou_branch", by: str = "song") -> Outcome:
        """交办 to a unit."""
        return self.fire(case_id, "transfer", by, at, recipient=self.organs[to], hand_over_mode="assign")

    def supervised_item(self, at: datetime, *, subject: str = "donggou_branch", signer: str = "zhou", **data: Any) -> int:
        """An item that its village has signed for; its feedback was on the day it was opened."""
        case_id = self.open_item(at, subject=subject, **{"feedback_on": local_day_text(at), **data})
        self.hand_over(case_id, at + timedelta(minutes=1), to=subject)
        self.fire(case_id, "sign_for", signer, at + timedelta(minutes=2), pieces=1)
        return case_id


def merge_of(county: County, organ: str, into: str, on: date) -> Wish:
    """An organ that another of its kind takes the place of."""
    plan = Plan("merge", "organ", (county.organs[organ],), into_id=county.organs[into])
    return Wish(plan, on, "村级区划调整", "安政发〔2026〕9号")


def local_day_text(at: datetime) -> str:
    """The Shanghai day as ISO text."""
    return (at + timedelta(hours=8)).date().isoformat()


def at(day: date, hour: int = 10) -> datetime:
    """A local hour of a day, in UTC."""
    return local_time(day, hour)


def make_county(url: str) -> County:
    """The county of this module in a migrated database, with every shipped kind published."""
    database = Database(url)
    areas: dict[str, int] = {}
    organs: dict[str, int] = {}
    people: dict[str, int] = {}
    database.write(lambda store: _fill(store, areas, organs, people))
    engine = Engine(database, effects=EFFECTS, rungs=RUNGS, sealer=SEALER)
    return County(database, engine, areas, organs, people)


def _fill(store: Store, areas: dict[str, int], organs: dict[str, int], people: dict[str, int]) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for order, (key, parent, level, name) in enumerate(AREAS):
        areas[key] = store.new_ids(Area, 1)[0]
        row = {"id": areas[key], "parent_id": areas[parent] if parent else None, "level": level, "name": name}
        store.insert(Area, [{**row, "short_name": name, "division_code": "", "official_order": order}])
    levels = {key: level for key, _parent, level, _name in AREAS}
    for order, (key, kind, area, name) in enumerate(ORGANS):
        organs[key] = store.new_ids(Organ, 1)[0]
        row = {"id": organs[key], "area_id": areas[area], "kind": kind, "level": levels[area], "name": name}
        store.insert(Organ, [{**row, "short_name": name, "official_order": order}])
    for login, name, role, organ, ceiling in PEOPLE:
        people[login] = store.new_ids(Person, 1)[0]
        row = {"id": people[login], "login": login, "name": name, "email": "", "phone": "", "language": "zh-Hans"}
        store.insert(Person, [{**row, "must_change": False, "created_at": now, "toured_at": now}])
        grant = {"person_id": people[login], "role": role, "organ_id": organs[organ], "title": ""}
        store.insert(Grant, [{**grant, "ceiling": ceiling}])
    for document in shipped_workflows().values():
        definitions.publish(store, document.data, source="", now=now)
    for part in occasions.PARTS:
        occasions.moved(store, part)
