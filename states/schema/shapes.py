"""The shapes of a definition's parts, in the order in which docs/workflows.md tells them."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import ValidationError, post_dump, post_load, validates_schema

from states import definition as d
from states.formats import FORMATS
from states.schema.notation import (
    CallOf,
    ConditionOf,
    Day,
    Days,
    Flag,
    GuardOf,
    Key,
    Label,
    LimitOf,
    Many,
    OneOf,
    Part,
    Plain,
    Problem,
    Roll,
    Shape,
    Whole,
    Words,
)

FIELD_TYPES = (
    "text",
    "long_text",
    "choice",
    "choices",
    "date",
    "time",
    "money",
    "integer",
    "flag",
    "organ",
    "person",
    "rows",
    "agenda_dates",
)
COLOURS = ("", "green", "yellow", "red", "deep_red")
COUNTS = ("overdue", "unsigned", "waiting_check", "sent_back", "handed_back")
LIMITS = ("", "limit", "parent_limit")
BEGINNINGS = ("", "state")
YES, NO = "yes", "no"
COUNTED = ("holder", "subject", "above_subject")
TARGET = "=|[a-z][a-z0-9_]{0,59}"


class ChoiceSchema(Shape):
    """A value of a fixed vocabulary, or a ground."""

    made = d.Choice
    key = Key(required=True)
    title = Label(required=True)
    counted = Flag()
    fits_when = Plain()


class SuggestionSchema(Shape):
    """Whose name, title, telephone number or organ stands in a question before anybody types."""

    made = d.Suggestion
    post = Words(required=True)
    tells = OneOf(("name", "post", "phone", "organ"))


class FieldSchema(Shape):
    """A fact, or a question."""

    made = d.Field
    key = Key(required=True)
    title = Label(required=True)
    type = OneOf(FIELD_TYPES)
    required = Flag()
    choices = Many(Part(ChoiceSchema))
    columns = Many(Part(lambda: FieldSchema(exclude=("columns",))))
    filter = Flag()
    secret = Flag()
    stores = Flag()
    write = Many(Key())
    opens = Many(Key())
    kinds = Many(Key())
    not_subject = Flag()
    max_days = Whole(most=3_660)
    min_days = Whole(most=3_660)
    not_after = OneOf(LIMITS)
    not_before = OneOf(BEGINNINGS)
    required_when = Plain()
    hint = Label()
    suggest = Part(SuggestionSchema)
    format = OneOf(("", *FORMATS))

    @validates_schema
    def fits_its_type(self, data: dict[str, Any], **kwargs: Any) -> None:
        """A choice has choices, rows have columns, and nothing else has either; a flag may name its yes and its no."""
        kind = data.get("type", "text")
        names = tuple(choice.key for choice in data.get("choices") or ())
        for part, types in (("choices", ("choice", "choices")), ("columns", ("rows",))):
            named = part == "choices" and kind == "flag" and names in ((), (YES, NO))
            if not named and bool(data.get(part)) != (kind in types):
                raise ValidationError([Problem("does_not_fit_type", part=part, type=kind)], part)
        if data.get("opens") and not data.get("secret"):
            raise ValidationError([Problem("opens_nothing", part="opens")], "opens")
        for part, wanted in (
            ("format", "text"),
            ("min_days", "date"),
            ("not_after", "date"),
            ("not_before", "date"),
        ):
            if data.get(part) not in (None, "") and kind != wanted:
                raise ValidationError([Problem("does_not_fit_type", part=part, type=kind)], part)
        suggest = data.get("suggest")
        if suggest is not None and kind != ("organ" if suggest.tells == "organ" else "text"):
            raise ValidationError([Problem("does_not_fit_type", part="suggest", type=kind)], "suggest")


class StateSchema(Shape):
    """A state; `phrase` is its title where it is not given."""

    made = d.State
    key = Key(required=True)
    title = Label(required=True)
    phrase = Label()
    initial = Flag()
    final = Flag()

    @post_load
    def make(self, data: dict[str, Any], **kwargs: Any) -> Any:
        """The state."""
        return d.State(**{"phrase": data["title"], **data})


class WhoSchema(Shape):
    """Roles and relations, both needed."""

    made = d.Who
    roles = Many(Key(), required=True)
    relations = Many(Key(), required=True)
    organs = Many(Key())


class ApprovalSchema(Shape):
    """Whose word is needed."""

    made = d.Approval
    roles = Many(Key(), at_least=1, required=True)
    relation = Key(required=True)
    unless = ConditionOf()
    later = Key()


class DecisionSchema(Shape):
    """Which body votes, and how many of it."""

    made = d.Decision
    roles = Many(Key(), at_least=1, required=True)
    relation = Key(required=True)
    quorum = OneOf(d.SHARES)
    favour = OneOf(d.SHARES)
    least = Whole(least=1, most=100)


class EvidenceSchema(Shape):
    """How many files, with which labels."""

    made = d.Evidence
    at_least = Whole(most=100)
    labels = Many(Key())
    fresh = Flag()


class LabelRuleSchema(Shape):
    """What files under a label must be."""

    made = d.LabelRule
    label = Key(required=True)
    takes = OneOf(d.TAKES, required=True)


class TransitionSchema(Shape):
    """A verb."""

    made = d.Transition
    trigger = Key(required=True)
    title = Label(required=True)
    done = Label()
    sources = Many(Key(), at_least=1, required=True, data_key="from")
    target = Words(pattern=TARGET, required=True, data_key="to")
    who = Many(Part(WhoSchema), required=True)
    holder = Key()
    separate = Many(Key())
    approval = Part(ApprovalSchema)
    decision = Part(DecisionSchema)
    guards = Many(GuardOf())
    form = Many(Part(FieldSchema))
    evidence = Part(EvidenceSchema)
    grounds = Many(Part(ChoiceSchema))
    effects = Many(CallOf())
    work = Flag()
    reopens = Flag()
    sends_back = Flag()
    undo = Flag()
    from_paper = Flag()
    main = Flag()

    @post_load
    def make(self, data: dict[str, Any], **kwargs: Any) -> Any:
        """The transition; `done` is its title where it is not given."""
        return d.Transition(**{"done": data["title"], **data})


class LimitRowSchema(Shape):
    """One row of a limit table."""

    made = d.LimitRow
    when = Plain(load_default=dict)
    limit = LimitOf(or_none=True)
    date_field = Key()
    at_most = LimitOf()

    @validates_schema
    def says_one_thing(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Either a limit (or none) or a date field is said; `at_most` goes with a date field."""
        if ("limit" in data) == ("date_field" in data):
            raise ValidationError([Problem("limit_or_date_field")])
        if "at_most" in data and "limit" in data:
            raise ValidationError([Problem("limit_or_date_field")], "at_most")

    @post_dump(pass_original=True)
    def shorten(self, data: dict[str, Any], original: Any, **kwargs: Any) -> dict[str, Any]:
        """Writes the one thing that is said; "no limit" is said too."""
        said = ("date_field", "at_most") if original.date_field else ("limit",)
        return {key: value for key, value in data.items() if value and key in ("when", *said)}


class StartSchema(Shape):
    """What starts a clock."""

    made = d.Start
    on = Key(required=True)
    date_field = Key()
    when = Plain()


class PauseSchema(Shape):
    """How long a clock may be paused."""

    made = d.PauseRule
    max_days = Whole(least=1, most=3_660)


class ProofSchema(Shape):
    """A file that certain answers ask for."""

    made = d.Proof
    label = Key(required=True)
    when = Plain(required=True)


class ExtensionSchema(Shape):
    """How often and how far a date may be moved."""

    made = d.ExtensionRule
    times = Whole(most=10)
    share = Whole(least=1, most=100)
    max_months = Whole(most=60)
    wait_workdays = Whole(most=60)
    opinion = Key()
    form = Many(Part(FieldSchema))
    proof = Part(ProofSchema)


class LadderName(Words):
    """A ladder's key, `by_length`, or `none`, which is empty in memory."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, attr, data, **kwargs)
        return "" if name == "none" else name


class ClockSchema(Shape):
    """A promise with a date."""

    made = d.Clock
    key = Key(required=True)
    title = Label(required=True)
    starts = Many(Part(StartSchema), at_least=1, required=True)
    runs_in = Many(Key(), at_least=1, required=True)
    limits = Many(Part(LimitRowSchema), at_least=1, required=True)
    stands_in = Many(Key())
    settled_by = Many(Key())
    restarted_by = Many(Key())
    owner = Words()
    restart = OneOf(("never", "anew"))
    roll = Roll()
    main = Flag()
    pause = Part(PauseSchema)
    extension = Part(ExtensionSchema)
    ladder = LadderName(pattern="[a-z][a-z0-9_]{0,59}")
    fixed_days = Many(Whole(least=1, most=31))
    within_main = Flag()


class RungSchema(Shape):
    """One step of a ladder."""

    made = d.Rung
    key = Key(required=True)
    title = Label(required=True)
    offset = LimitOf(signed=True, required=True, data_key="at")
    do = Key(required=True)
    colour = OneOf(COLOURS)
    to = Many(Words())
    params = Plain()
    holds = Flag()
    again = Flag()
    every = LimitOf()


class LadderSchema(Shape):
    """Tiers of rungs."""

    made = d.Ladder
    key = Key(required=True)
    tiers = Many(Many(Part(RungSchema), at_least=1), at_least=1, required=True)


class RuleSchema(Shape):
    """Too much of something in one place."""

    made = d.OrganisationRule
    key = Key(required=True)
    title = Label(required=True)
    counts = OneOf(COUNTS, required=True)
    of = OneOf(COUNTED, required=True)
    threshold = Whole(least=1, required=True)
    do = Key(required=True)
    share = Whole(most=100)
    or_share = Whole(most=100)
    every_days = Whole(least=1, most=3_660)
    to = Many(Words())
    params = Plain()


class AccessSchema(Shape):
    """What an organ in a relation may do."""

    made = d.AccessRule
    relation = Key(required=True)
    may = OneOf(("exists", "read", "act"), required=True)
    organs = Many(Key())
    states = Many(Key(), at_least=1, data_key="in")


class InterviewSchema(Shape):
    """Marks a kind whose cases are interviews."""

    made = d.InterviewRule
    joinable_in = Many(Key(), required=True)
    consent_in = Many(Key(), required=True)
    held_in = Many(Key(), required=True)
    withdrawn_by = Key(required=True)
    max_days = Many(Whole(least=1, most=3_660))
    once_per_days = Whole(most=3_660)
    interviewers = Plain()
    notice = Key()


class WeightSchema(Shape):
    """Which closed cases are kept as another class than their kind's."""

    made = d.Weight
    retention = Key(required=True)
    when = Plain()
    grounds = Many(Key())


class ConsentSchema(Shape):
    """How a step's approval is asked for and given here."""

    made = d.ConsentRule
    asked_by = Key(required=True)
    given_by = Key(required=True)
    refused_by = Key(required=True)
    withdrawn_by = Key(required=True)
    step = Key(required=True)
    stands = Key(required=True)
    taken_back_by = Key()
    bound = Many(Key())


class VoteSchema(Shape):
    """How many of a body have said what."""

    made = d.Vote
    agree = Whole(most=100)
    disagree = Whole(most=100)
    abstain = Whole(most=100)
    recuse = Whole(most=100)
    absent = Whole(most=100)


class ScenarioStepSchema(Shape):
    """What somebody does on a day."""

    made = d.ScenarioStep
    on = Day(required=True)
    do = Key(required=True)
    answers = Plain()
    to = Key()
    vote = Part(VoteSchema)
    refused = Flag()


class ExpectedRungSchema(Shape):
    """A rung that has acted, and its day."""

    made = d.ExpectedRung
    clock = Key(required=True)
    rung = Key(required=True)
    on = Day(required=True)


class ExpectationSchema(Shape):
    """What a scenario ends in."""

    made = d.Expectation
    state = Key(required=True)
    due = Days()
    rungs = Many(Part(ExpectedRungSchema))


class ScenarioSchema(Shape):
    """A case told day by day."""

    made = d.Scenario
    title = Label(required=True)
    on = Day(required=True)
    until = Day(required=True)
    facts = Plain()
    subject = Key()
    steps = Many(Part(ScenarioStepSchema))
    expect = Part(ExpectationSchema, required=True)


class DefinitionSchema(Shape):
    """A whole kind of case."""

    made: ClassVar[type[Any]] = d.Definition
    key = Key(required=True)
    title = Label(required=True)
    measure_word = Label()
    number = Words(required=True)
    level = Whole(most=9)
    ledger = Flag()
    on_agenda = Flag()
    retention = Key()
    labels = Many(Part(LabelRuleSchema))
    weights = Many(Part(WeightSchema))
    parents = Many(Key())
    holder_at_open = Key()
    opened_by = Many(Part(WhoSchema), required=True)
    access = Many(Part(AccessSchema), required=True)
    states = Many(Part(StateSchema), at_least=1, at_most=100, required=True)
    fields_ = Many(Part(FieldSchema), data_key="fields", attribute="fields", load_default=())
    transitions = Many(Part(TransitionSchema), required=True)
    clocks = Many(Part(ClockSchema), load_default=())
    ladders = Many(Part(LadderSchema), load_default=())
    rules = Many(Part(RuleSchema))
    interview = Part(InterviewSchema)
    scenarios = Many(Part(ScenarioSchema))
    consent = Part(ConsentSchema)
