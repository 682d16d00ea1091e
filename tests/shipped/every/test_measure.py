"""整改措施: what its definition declares, told in stories; the last test counts that nothing was left out."""

from __future__ import annotations

from states.definition import Definition
from tests.shipped.every.counting import ToldCounty, require_all
from tests.shipped.every.telling import Story, d, morning, old_row, refused_opening
from tests.workflow.looking import rows_of
from workflow.models import Outbox

KIND = "measure"
ON_BOTH = False

# The measure is the township finance office's; the head of the township Party committee only reads.
UNIT = ("ding", "chen")
OFFICE = ("song", "chen")
LEADERS = ("zhao", "chen")
EVIDENCE = "has_evidence at_least=1"

CANNOT_OCCUR: set[str] = set()


def doing(county: ToldCounty) -> Story:
    """A measure for the township's finance office, due on 29 May, out of the village's plan of 3 March."""
    item = Story(county, county.supervised_item(morning("03-02")))
    row = {"text": "追缴租金", "unit": county.organs["liuhe_finance"], "person": "丁凯", "due_words": "5月底前"}
    item.press("submit_plan", "zhou", d("03-03"), measures=[{**row, "due_on": "2026-05-29", "label": "dated"}])
    return item.children("measure")[0]


def staged(county: ToldCounty) -> Story:
    """A measure that is done for this stage since 9 March."""
    story = doing(county)
    story.press("stage", "ding", d("03-09"))
    return story


def kept_up(county: ToldCounty) -> Story:
    """A measure that is kept up since 10 March."""
    story = doing(county)
    story.prove("ding", d("03-10"))
    story.press("keep_up", "ding", d("03-10"))
    return story


def done(county: ToldCounty) -> Story:
    """A measure that is done since 10 March."""
    story = doing(county)
    story.prove("ding", d("03-10"))
    story.press("complete", "ding", d("03-10"))
    return story


LEADER = "zhou"  # the head of the unit that leads the item, and so registers its measures


def test_nobody_registers_a_measure_by_hand(county: ToldCounty) -> None:
    refused_opening(county, "measure", "zhao", d("03-02"))


def test_each_button_of_each_stage_is_for_those_named_and_each_form_says_what_it_wants(county: ToldCounty) -> None:
    doing(county).is_only_for(
        d("03-09"),
        {
            "report_progress": UNIT,
            "stage": UNIT,
            "complete": UNIT,
            "keep_up": UNIT,
            "conclude": LEADERS,
            "remind": OFFICE,
        },
    )
    staged(county).is_only_for(d("03-09"), {"put_back": OFFICE})
    long_term = kept_up(county)
    long_term.is_only_for(d("03-10"), {"report_node": UNIT, "end_long_term": (LEADER, "chen")})
    done(county).is_only_for(d("03-10"), {"reopen": LEADERS})


def test_a_measure_is_done_or_kept_up_only_with_evidence(county: ToldCounty) -> None:
    for story in (doing(county), staged(county)):
        assert story.refused("complete", "ding", d("03-10")) == {EVIDENCE}
        assert story.refused("keep_up", "ding", d("03-10")) == {EVIDENCE}
        story.prove("ding", d("03-10"))
        story.press("complete", "ding", d("03-10"))
        assert (story.row["state"], story.row["ground"]) == ("done", "completed")
    story = staged(county)
    story.prove("ding", d("03-10"))
    story.press("keep_up", "ding", d("03-10"))
    assert story.row["state"] == "long_term"


def test_a_measure_that_is_kept_up_reports_its_nodes_until_the_leading_unit_ends_it(county: ToldCounty) -> None:
    story = kept_up(county)
    story.press("report_node", "ding", d("09-01"))
    assert story.clock("node")["due_on"] == d("09-01").replace(year=2027, month=3)
    story.press("end_long_term", LEADER, d("09-02"))
    assert (story.row["state"], story.row["ground"]) == ("done", "kept")


def test_the_leading_unit_writes_for_the_others_puts_back_and_adds_the_evidence(county: ToldCounty) -> None:
    story = doing(county)
    assert story.row["registrar_id"] == county.organs["donggou_branch"]
    story.press("report_progress", LEADER, d("03-09"))
    story.press("stage", LEADER, d("03-10"))
    story.press("put_back", LEADER, d("03-11"))
    story.prove(LEADER, d("03-12"))
    story.press("keep_up", LEADER, d("03-12"))
    assert story.refused("end_long_term", "zhao", d("03-13")) == {"relation"}
    story.press("end_long_term", LEADER, d("03-13"))
    assert story.row["state"] == "done"


def test_a_measure_of_an_old_ledger_is_not_ended_without_evidence(county: ToldCounty) -> None:
    row = old_row(county, kind="measure", state="long_term", holder="liuhe_finance", text="完善制度", label="long_term")
    facts = {
        "problem": "旧账",
        "immediate": "ordinary",
        "first_check": "county",
        "period": "three_months",
        "holder": "donggou_branch",
    }
    item = Story.adopted(county, on=d("03-02"), parts=(row,), kind="rectification", state="supervised", **facts)
    story = item.children("measure")[0]
    assert story.refused("end_long_term", LEADER, d("03-03")) == {EVIDENCE}


def test_a_leading_unit_does_not_remind_itself(county: ToldCounty) -> None:
    row = old_row(county, kind="measure", state="doing", holder="donggou_branch", text="追缴租金", label="dated")
    facts = {"problem": "旧账", "immediate": "ordinary", "first_check": "county", "period": "three_months"}
    told = {"kind": "rectification", "state": "supervised", "holder": "donggou_branch", **facts}
    story = Story.adopted(county, on=d("03-02"), parts=(row,), **told).children("measure")[0]
    assert story.refused("remind", LEADER, d("03-03")) == {"separation_holder"}


def test_a_measure_of_an_old_ledger_that_has_no_date_is_never_late(county: ToldCounty) -> None:
    row = old_row(county, kind="measure", state="doing", holder="liuhe_finance", text="追缴租金", label="dated")
    facts = {
        "problem": "旧账",
        "immediate": "ordinary",
        "first_check": "county",
        "period": "three_months",
        "holder": "donggou_branch",
    }
    item = Story.adopted(county, on=d("03-02"), parts=(row,), kind="rectification", state="supervised", **facts)
    assert item.children("measure")[0].clock("measure")["due_on"] is None


def test_a_measure_is_put_back_from_its_stage_and_from_the_long_term(county: ToldCounty) -> None:
    for story in (staged(county), kept_up(county)):
        story.press("put_back", "song", d("03-11"))
        assert (story.row["state"], story.clock("measure")["status"]) == ("doing", "armed")
        assert story.clock("measure")["due_on"] == d("05-29")


def test_at_every_stage_progress_is_noted_and_the_office_reminds_and_cancels(county: ToldCounty) -> None:
    for story in (doing(county), staged(county), kept_up(county)):
        story.press("report_progress", "ding", d("03-11"))
        story.press("remind", "song", d("03-11"), remind_by="telephone")
        story.press("conclude", "zhao", d("03-12"), ground="moot")
        assert (story.row["state"], story.row["ground"]) == ("cancelled", "moot")


def test_a_late_measure_is_told_to_its_unit_and_its_leading_unit_and_to_no_interview(county: ToldCounty) -> None:
    story = doing(county)
    story.tick(d("06-10"))
    assert story.climbed("measure") == ["reminder", "warning", "red"]
    told = {line["person_id"] for line in rows_of(county, Outbox, case_id=story.id)}
    assert county.people[LEADER] in told


def test_a_measure_to_be_done_again_that_is_late_again_is_deep_red(county: ToldCounty) -> None:
    story = done(county)
    beyond = story.refused("reopen", "song", d("05-22"), new_due_on="2026-06-30")
    assert beyond == {"new_due_on: beyond_limit:2026-06-02"}  # its item is due earlier
    story.press("reopen", "song", d("05-22"), new_due_on="2026-06-02")
    story.tick(d("06-12"))
    assert story.climbed("measure") == ["warning_2", "red_2"]
    assert story.row["colour"] == "deep_red"


def test_a_node_missed_twice_is_told_to_the_desk(county: ToldCounty) -> None:
    story = kept_up(county)
    story.tick(d("12-01"))
    story.tick(d("12-01").replace(year=2027))
    assert story.climbed("node") == ["reminder", "red", "missed_twice"]


def test_the_date_of_a_measure_is_moved_once_and_within_its_cap(county: ToldCounty) -> None:
    doing(county).moves_once("measure", "ding", "zhao", d("05-20"), d("06-30"))


def test_everything_that_the_definition_of_a_measure_declares_occurs(all_told: set[str], shipped: Definition) -> None:
    require_all(shipped, all_told, CANNOT_OCCUR)
