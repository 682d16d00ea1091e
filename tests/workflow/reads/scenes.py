"""A busy ledger: cases in every state, in three villages, with one that was handed back, one closed, and a clue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from tests.factories import MONDAY, PEOPLE, County, at, make_county
from tests.shipped.walking import Walk
from workflow.occasion import Occasion
from workflow.store import Store
from workflow.types import MACHINE, Actor

T = TypeVar("T")
TUESDAY = MONDAY + timedelta(1)
REPORTER = "举报人金丝雀"
LATER_WORD = "退回之后才写的话"
LOGINS = tuple(login for login, *_ in PEOPLE)


@dataclass
class Scene:
    """The county with its cases by what became of them."""

    county: County
    now: datetime
    ids: dict[str, int]

    def reopened(self, url: str) -> Scene:
        """The same scene over a copy of its database."""
        return Scene(self.county.reopened(url), self.now, {**self.ids})

    def close(self) -> None:
        """Gives the database's connections back."""
        self.county.close()

    def look(self, login: str, read: Callable[..., T], *told: Any, **named: Any) -> T:
        """What a read answers to somebody."""
        actor = self.actor(login)
        return self.county.engine.read(self.now, lambda store, occasion: read(store, occasion, actor, *told, **named))

    def read(self, work: Callable[[Store, Occasion], T]) -> T:
        """Something read at the hour of the scene."""
        return self.county.engine.read(self.now, work)

    def actor(self, login: str) -> Actor:
        """The person, or the machine."""
        return MACHINE if login == "machine" else self.county.actor(login)

    def tick(self, on: date) -> None:
        """The sweep of that day, which is the scene's from then on."""
        self.now = at(on, 12)
        self.county.engine.tick(self.now)


def make_busy(url: str) -> Scene:
    """The scene in a migrated database."""
    return busy(make_county(url))


def make_swept(url: str) -> Scene:
    """The scene when the first overdue marks and rungs have come."""
    made = make_busy(url)
    made.tick(date(2026, 3, 20))
    return made


def busy(county: County) -> Scene:
    """The scene on Tuesday; nothing is late yet."""
    monday = MONDAY.isoformat()
    ids = {
        "received": county.open_item(at(MONDAY), title="低保公示不规范"),
        "to_sign": county.open_item(at(MONDAY), title="集体资产未登记", feedback_on=monday, round="第三轮"),
        "doing": county.supervised_item(at(MONDAY), urgency="urgent"),
        "elsewhere": county.supervised_item(at(MONDAY), subject="shimen_branch", signer="shi"),
        "reported": county.supervised_item(
            at(MONDAY), subject="xitou_branch", signer="feng", immediate="rectify_now", period="default_immediate"
        ),
        "void": county.open_item(at(MONDAY), title="误登记的一件"),
        "handed_back": county.open_item(at(MONDAY), title="渠道损毁无人管护", feedback_on=monday),
    }
    county.hand_over(ids["to_sign"], at(MONDAY))
    proof = county.keep_file("整改照片", "feng")
    county.engine.add_evidence(ids["reported"], actor=county.actor("feng"), now=at(TUESDAY, 9), file_id=proof)
    county.fire(ids["reported"], "report_rectified", "feng", at(TUESDAY), result="已更新", progress_label="done")
    county.engine.void(ids["void"], actor=county.actor("zhao"), now=at(TUESDAY), reason="重复登记", approver="高建国")
    hand_back(county, ids["handed_back"])
    ids["clue"] = Walk.open(county, "clue", MONDAY, reporter_name=REPORTER, summary="虚报补贴人数").id
    return Scene(county, at(TUESDAY, 12), ids)


def hand_back(county: County, case_id: int) -> None:
    """The bureau gets an item that is not its own, hands it back, and the village gets it."""
    county.hand_over(case_id, at(MONDAY), to="bureau")
    county.fire(case_id, "hand_back", "ma", at(MONDAY, 15), hand_back_reason="not_ours", hand_back_note="应由属地承办")
    lin = county.actor("lin")
    county.engine.comment(case_id, actor=lin, now=at(MONDAY, 16), text=LATER_WORD)
    county.hand_over(case_id, at(TUESDAY))
    county.engine.amend(case_id, actor=lin, now=at(TUESDAY), data={"particulars": LATER_WORD}, reason="补充情况")
