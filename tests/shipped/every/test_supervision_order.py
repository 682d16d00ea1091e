"""督办通知书: what its definition declares, told in stories; the last test counts that nothing was left out."""

from __future__ import annotations

from states.definition import Definition
from tests.shipped.every.counting import ToldCounty, require_all
from tests.shipped.every.telling import Story, d, refused_opening

KIND = "supervision_order"
ON_BOTH = True

OFFICE = ("song", "he")
LEADERS = ("zhao", "he")
BODY = ("luo", "song")

CANNOT_OCCUR: set[str] = set()


def issued(county: ToldCounty) -> Story:
    """An order to township discipline, written by hand on 2 March."""
    return Story.open(county, "supervision_order", d("03-02"), subject="liuhe_discipline")


def signed(county: ToldCounty) -> Story:
    """An order that was signed for on 3 March."""
    story = issued(county)
    story.press("sign_for", "luo", d("03-03"))
    return story


def answered(county: ToldCounty, login: str = "luo") -> Story:
    """An order that was answered on 6 March."""
    story = signed(county)
    story.press("answer", login, d("03-06"))
    return story


def test_orders_are_written_by_the_office_and_by_a_township_party_committee(county: ToldCounty) -> None:
    for login in ("song", "chen"):
        order = Story.open(county, "supervision_order", d("03-02"), login, subject="donggou_branch")
        assert order.row["holder_id"] == county.organs["donggou_branch"]
    refused_opening(county, "supervision_order", "luo", d("03-02"))


def test_each_button_of_each_stage_is_for_those_named_and_each_form_says_what_it_wants(county: ToldCounty) -> None:
    story = issued(county)
    story.is_only_for(d("03-02"), {"sign_for": BODY, "conclude": LEADERS, "remind": OFFICE})
    story.press("sign_for", "luo", d("03-03"))
    story.is_only_for(d("03-03"), {"answer": BODY})
    story.press("answer", "luo", d("03-06"))
    story.is_only_for(d("03-06"), {"send_back": OFFICE, "accept": OFFICE})


def test_nobody_accepts_his_own_answer_nor_that_of_his_other_office(county: ToldCounty) -> None:
    assert answered(county, "jin").refused("accept", "jin", d("03-09")) == {"separation_worked"}
    assert answered(county, "luo").refused("accept", "jin", d("03-09")) == {"separation_handling_organ"}


def test_an_answer_is_sent_back_for_a_better_one_and_then_accepted(county: ToldCounty) -> None:
    story = answered(county)
    assert story.row["holder_id"] == county.organs["office"]
    story.press("send_back", "song", d("03-09"))
    assert (story.row["state"], story.row["holder_id"]) == ("signed", county.organs["liuhe_discipline"])
    story.press("answer", "luo", d("03-10"))
    story.press("accept", "song", d("03-11"))
    assert (story.row["state"], story.row["ground"]) == ("closed", "accepted")


def test_a_signature_on_paper_is_entered_later_with_its_scan(county: ToldCounty) -> None:
    story = issued(county)
    story.takes_paper("sign_for", "luo", d("03-06"), d("03-03"))
    assert story.clock("sign_for")["settled_on"] == d("03-03")


def test_at_every_stage_the_office_reminds_and_its_leaders_end_the_order(county: ToldCounty) -> None:
    for story in (issued(county), signed(county), answered(county)):
        if story.row["state"] != "answered":  # when the office itself has it
            assert story.refused("remind", "jin", d("03-09")) == {"separation_holder"}
            story.press("remind", "song", d("03-09"), remind_by="telephone")
        story.press("conclude", "zhao", d("03-09"), ground="item_closed")
        assert (story.row["state"], story.row["ground"]) == ("closed", "item_closed")


def test_an_unsigned_and_unanswered_order_climbs_to_a_drafted_circular(county: ToldCounty) -> None:
    story = issued(county)
    story.tick(d("03-31"))
    assert story.climbed("sign_for") == ["red"]
    assert story.climbed("answer") == ["reminder", "red", "urge", "circular"]


def test_an_answer_that_nobody_checks_is_told_to_the_office(county: ToldCounty) -> None:
    story = answered(county)
    story.tick(d("03-31"))
    assert story.climbed("check") == ["red"]
    assert story.climbed("answer") == []


def test_the_day_of_the_answer_is_moved_once_and_within_its_cap(county: ToldCounty) -> None:
    signed(county).moves_once("answer", "luo", "zhao", d("03-10"), d("03-20"))


def test_everything_that_the_definition_of_an_order_declares_occurs(all_told: set[str], shipped: Definition) -> None:
    require_all(shipped, all_told, CANNOT_OCCUR)
