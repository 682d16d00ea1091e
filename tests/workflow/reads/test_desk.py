"""What somebody finds on his desk: the inbox and the bell; and what pages show of people, organisations and the machine."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from states.errors import NotFound, NotPermitted
from tests.factories import MONDAY, at
from tests.workflow.reads.scenes import Scene
from tests.workflow.reads.test_ledger import Counting
from workflow import migrations
from workflow.models import Notice, Outbox
from workflow.occasion import Occasion
from workflow.reads import notices, organisations, people
from workflow.reads.health import health
from workflow.reads.inbox import Inbox, inbox
from workflow.reads.rows import LedgerRow
from workflow.store import Store
from workflow.text import canonical
from workflow.types import Actor

LATE_DAY = date(2026, 3, 25)
BANDS = ("to_sign", "late", "soon", "to_do")


def bands_of(found: Inbox) -> dict[str, set[int]]:
    return {band: {row.id for row in getattr(found, band)} for band in BANDS}


def test_each_item_stands_in_exactly_one_band_of_whoever_must_act(scene: Scene) -> None:
    found = bands_of(scene.look("zhou", inbox))
    assert found["to_sign"] == {scene.ids["to_sign"], scene.ids["handed_back"]}
    assert found["to_do"] == {scene.ids["doing"]}
    scene.tick(LATE_DAY)
    for login in ("lin", "song", "zhou", "feng", "chen"):
        told = bands_of(scene.look(login, inbox))
        everything = [case_id for band in BANDS for case_id in told[band]]
        assert len(everything) == len(set(everything)), login


def test_reported_work_lies_with_whoever_checks_it(scene: Scene) -> None:
    checking, reporting = (scene_rows(scene.look(login, inbox)) for login in ("song", "feng"))
    assert scene.ids["reported"] in {row.id for row in checking}
    assert scene.ids["reported"] not in {row.id for row in reporting}


def test_what_others_hold_of_ones_own_cases_is_shown_apart(scene: Scene) -> None:
    assert {row.id for row in scene.look("feng", inbox).waiting} == {scene.ids["reported"]}
    assert scene.look("zhou", inbox).waiting == (), "what is not handed over yet waits for nobody but the office"


def scene_rows(found: Inbox) -> list[LedgerRow]:
    return [row for band in BANDS for row in getattr(found, band)]


def test_what_a_past_holder_gave_away_is_on_his_desk_no_more(scene: Scene) -> None:
    assert scene_rows(scene.look("ma", inbox)) == []


def test_every_row_of_the_desk_has_its_next_step(scene: Scene) -> None:
    assert {row.next and row.next.trigger for row in scene.look("zhou", inbox).to_sign} == {"sign_for"}


def terms(scene: Scene) -> dict[str, object]:
    """The unit and the way that an approval is asked for."""
    return {"recipient": scene.county.organs["donggou_branch"], "hand_over_mode": "assign"}


def ask_for(scene: Scene, name: str = "received") -> int:
    case_id = scene.ids[name]
    told = {"consent_for": "transfer", "opinion": "拟交东沟村", **terms(scene)}
    scene.county.fire(case_id, "ask_approval", "song", scene.now, **told)
    return case_id


def test_an_approval_asked_for_lies_with_whoever_gives_it_and_in_no_band(scene: Scene) -> None:
    case_id = ask_for(scene)
    found: Inbox = scene.look("zhao", inbox)
    (asking,) = found.asked
    assert (asking.row.id, asking.step.zh_hans, asking.asked.name) == (case_id, "交办", "宋伟")
    assert "拟交东沟村" in [fact.value for fact in asking.asked.said]
    assert asking.row.next and asking.row.next.no
    assert (asking.row.next.trigger, asking.row.next.no.trigger) == ("agree", "disagree")
    assert case_id not in {row.id for row in scene_rows(found)}
    for login in ("lin", "song", "chen", "han", "gao", "wu"):
        assert scene.look(login, inbox).asked == (), login
    asker: Inbox = scene.look("song", inbox)
    assert asker.askings[case_id].stands == "asked"
    assert case_id in {row.id for row in scene_rows(asker)}


def test_whoever_asked_sees_the_answer_and_what_was_taken_back_or_has_moved_on_is_asked_no_more(scene: Scene) -> None:
    county, case_id = scene.county, ask_for(scene)
    county.fire(case_id, "disagree", "zhao", scene.now, disagree_reason="先补齐名单")
    assert scene.look("zhao", inbox).asked == ()
    answer = scene.look("song", inbox).askings[case_id].answer
    assert answer is not None
    assert (answer.name, [fact.value for fact in answer.said]) == ("赵国华", ["先补齐名单"])
    ask_for(scene)
    county.fire(case_id, "withdraw_ask", "song", scene.now)
    assert scene.look("zhao", inbox).asked == ()
    ask_for(scene)
    county.hand_over(case_id, scene.now, by="zhao")
    assert (scene.look("zhao", inbox).asked, scene.look("song", inbox).askings) == ((), {})


def test_what_another_office_holds_is_asked_of_the_sponsor(scene: Scene) -> None:
    case_id = scene.ids["doing"]
    told = {"consent_for": "redirect", "opinion": "应由农业农村局办", "recipient": scene.county.organs["bureau"]}
    scene.county.fire(case_id, "ask_approval", "zhou", scene.now, **told)
    assert [asking.row.id for asking in scene.look("zhao", inbox).asked] == [case_id]
    scene.county.engine.undo(case_id, actor=scene.actor("zhou"), now=scene.now)
    assert scene.look("zhao", inbox).asked == ()


def test_the_desk_asks_as_often_for_many_rows_as_for_few(scene: Scene) -> None:
    def counted(store: Store, occasion: Occasion, actor: Actor) -> int:
        counting = Counting(store.connection, store.digest_suite)
        inbox(counting, occasion, actor)
        return counting.statements

    ask_for(scene)
    few = {login: scene.look(login, counted) for login in ("zhao", "song", "zhou")}
    for _ in range(5):
        scene.county.supervised_item(at(MONDAY))
        asked = scene.county.open_item(at(MONDAY))
        scene.county.fire(asked, "ask_approval", "song", scene.now, consent_for="transfer", opinion="拟交", **terms(scene))
    assert {login: scene.look(login, counted) for login in few} == few


def test_the_bell_counts_lists_and_is_read_by_its_owner_only(scene: Scene) -> None:
    county, zhou, lin = scene.county, scene.actor("zhou"), scene.actor("lin")
    row = {
        "key": "n1",
        "person_id": county.people["zhou"],
        "message": "to_sign",
        "params": canonical({"no": "整改〔2026〕2号"}),
    }
    county.database.write(lambda store: store.insert(Notice, [{**row, "cases": "[2]", "created_at": scene.now}]))

    def unread() -> tuple[int, ...]:
        return tuple(scene.read(lambda *at, who=who: notices.unread_count(*at, who)) for who in (zhou, lin))

    assert unread() == (1, 0)
    told = scene.read(lambda *at: notices.list_notices(*at, zhou)).notices
    assert [(view.message, view.lines[0]["no"], view.cases, view.is_read) for view in told] == [
        ("to_sign", "整改〔2026〕2号", (2,), False)
    ]
    assert county.database.write(lambda store: notices.mark_read(store, lin, scene.now)) == 0
    assert county.database.write(lambda store: notices.mark_read(store, zhou, scene.now)) == 1
    assert unread() == (0, 0)


def test_the_organisations_stand_in_official_order_with_their_people(scene: Scene) -> None:
    county = scene.read(lambda store, occasion: organisations.tree_of(store, occasion))[0]
    assert [area.short_name for area in county.areas] == ["柳河镇", "青石镇"]
    assert [area.name for area in county.areas[0].areas] == ["东沟村", "西头村"]
    office = next(organ for organ in county.organs if organ.kind == "inspection_office")
    assert dict(office.people)["handler"] == ("林静", "宋伟")
    village = scene.read(lambda store, o: organisations.tree_of(store, o, under=scene.county.areas["donggou"]))[0]
    assert dict(village.organs[0].people) == {"handler": ("孙志强",), "head": ("周明远",)}
    with pytest.raises(NotFound):
        scene.read(lambda store, occasion: organisations.tree_of(store, occasion, under=9_999))


def test_a_post_is_empty_only_when_nobody_above_it_fills_it_either(scene: Scene) -> None:
    empty = scene.read(lambda _store, occasion: organisations.empty_posts(occasion))
    by_organ: dict[str, set[str]] = {}
    for post in empty:
        by_organ.setdefault(post.organ, set()).add(post.role)
    assert "县委巡察办" not in by_organ
    assert "县农业农村局" not in by_organ  # its head fills the posts below


def test_accounts_are_shown_to_their_keepers_and_oneself_only(scene: Scene) -> None:
    zhou = scene.county.people["zhou"]
    with pytest.raises(NotPermitted):
        scene.look("lin", people.list_people)
    with pytest.raises(NotPermitted):
        scene.look("lin", people.person_of, zhou)
    own = scene.look("zhou", people.person_of, zhou)
    assert [(post.role, post.organ, post.is_valid) for post in own.posts] == [("head", "东沟村党支部", True)]
    assert len(scene.look("machine", people.list_people)) == len(scene.county.people)
    with pytest.raises(NotFound):
        scene.look("machine", people.person_of, 9_999)


def test_assignees_are_found_in_ones_own_organ_only(scene: Scene) -> None:
    village = scene.county.organs["donggou_branch"]
    found = scene.look("zhou", people.colleagues_in, village)
    assert [(colleague.name, colleague.role) for colleague in found] == [("孙志强", "handler"), ("周明远", "head")]
    with pytest.raises(NotPermitted):
        scene.look("shi", people.colleagues_in, village)


def test_health_tells_refusals_without_any_content(scene: Scene) -> None:
    with pytest.raises(NotPermitted):
        scene.county.fire(scene.ids["doing"], "report_rectified", "he", scene.now)
    told = scene.county.database.read(health)
    revisions = sorted(path.name[:4] for path in (Path(migrations.__file__).parent / "versions").glob("[0-9]*.py"))
    assert told.refused == 1
    assert told.database in ("sqlite", "postgresql")
    assert (told.given_up, told.revision) == (0, revisions[-1])
    assert "村务公开栏" not in repr(told)


def test_lines_waiting_for_delivery_belong_to_people_who_may_know(scene: Scene) -> None:
    rows = scene.county.database.read(lambda store: store.select(Outbox.__table__.select()))  # type: ignore[attr-defined]
    outsiders = {scene.county.people[login] for login in ("han", "xie")}
    assert not outsiders & {row["person_id"] for row in rows}
