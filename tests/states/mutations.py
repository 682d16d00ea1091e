"""For each proof, ways to spoil a document so that this proof finds it. They fit any definition, or say that they do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from states.checks.scenarios import SCENARIOS_AT_MOST, STEPS_AT_MOST

Doc = dict[str, Any]
Mutation = Callable[[Doc], object]

TITLE = {"zh-Hans": "测试", "zh-Hant": "測試", "en": "Test"}
WHO = [{"roles": ["head"], "relations": ["supervisor"]}]
GROUNDS = [{"key": "done", "title": TITLE}]


class NotHere(Exception):
    """The mutation does not fit this definition."""


def first(found: Iterator[Any]) -> Any:
    """The first one, or NotHere."""
    for one in found:
        return one
    raise NotHere


def initial(doc: Doc) -> str:
    return str(first(s["key"] for s in doc["states"] if s.get("initial")))


def final(doc: Doc) -> str:
    return str(first(s["key"] for s in doc["states"] if s.get("final")))


def finals(doc: Doc) -> set[str]:
    return {s["key"] for s in doc["states"] if s.get("final")}


def add_state(doc: Doc, key: str, **more: Any) -> None:
    doc["states"].append({"key": key, "title": TITLE, "phrase": TITLE, **more})


def add_verb(doc: Doc, trigger: str, source: str, target: str, **more: Any) -> Doc:
    verb = {"trigger": trigger, "title": TITLE, "from": [source], "to": target, "who": WHO, **more}
    doc["transitions"].append(verb)
    return verb


def add_clock(doc: Doc, key: str, state: str, **more: Any) -> Doc:
    clock = {"key": key, "title": TITLE, "starts": [], "runs_in": [state], "limits": [{"limit": "5 day"}], **more}
    doc["clocks"].append(clock)
    return clock


def add_field(doc: Doc, key: str, **more: Any) -> None:
    doc["fields"].append({"key": key, "title": TITLE, **more})


def closing(doc: Doc) -> Doc:
    found: Doc = first(t for t in doc["transitions"] if t["to"] in finals(doc) and t.get("grounds"))
    return found


def some_ladder(doc: Doc) -> Doc:
    """A ladder with two rungs at different times in its first tier."""
    ladder: Doc = first(x for x in doc["ladders"] if len({r["at"] for r in x["tiers"][0]}) > 1)
    return ladder


def pick_list(doc: Doc) -> tuple[str, str]:
    add_field(doc, "picked", type="choice", write=["supervisor"], choices=[{"key": "one", "title": TITLE}])
    return "picked", "one"


# ---- states and verbs -----------------------------------------------------------------------------------------------


def no_initial(doc: Doc) -> None:
    for state in doc["states"]:
        state.pop("initial", None)


def many_initial(doc: Doc) -> None:
    doc["states"][1]["initial"] = True


def unreachable_state(doc: Doc) -> None:
    add_state(doc, "lost", final=True)


def trap_state(doc: Doc) -> None:
    add_state(doc, "pit")
    add_verb(doc, "fall", initial(doc), "pit")
    add_verb(doc, "wait", "pit", "=")
    add_clock(doc, "in_pit", "pit", starts=[{"on": "fall"}], settled_by=["wait"], restarted_by=["wait"])


def no_way_to_final(doc: Doc) -> None:
    add_state(doc, "here")
    add_state(doc, "there")
    add_verb(doc, "stray", initial(doc), "here")
    add_verb(doc, "go", "here", "there")
    add_verb(doc, "come", "there", "here")
    add_clock(doc, "at_here", "here", starts=[{"on": "stray"}, {"on": "come"}])
    add_clock(doc, "at_there", "there", starts=[{"on": "go"}])


def final_state_left(doc: Doc) -> None:
    add_state(doc, "afresh")
    add_verb(doc, "slip", final(doc), "afresh")
    add_verb(doc, "end", "afresh", final(doc), grounds=GROUNDS)
    add_clock(doc, "again", "afresh", starts=[{"on": "slip"}])


def reopens_open_case(doc: Doc) -> None:
    verb = add_verb(doc, "renew", initial(doc), "=", reopens=True)
    verb["form"] = [{"key": "new_due_on", "title": TITLE, "type": "date", "required": True}]


def reopen_without_date(doc: Doc) -> None:
    add_state(doc, "afresh")
    add_verb(doc, "renew", final(doc), "afresh", reopens=True)
    add_verb(doc, "end", "afresh", final(doc), grounds=GROUNDS)
    add_clock(doc, "again", "afresh", starts=[{"on": "renew"}])


def ambiguous_trigger(doc: Doc) -> None:
    doc["transitions"].append({**deepcopy(doc["transitions"][0]), "main": False})


def many_main(doc: Doc) -> None:
    state = first(t["from"][0] for t in doc["transitions"] if t.get("main"))
    add_verb(doc, "other", state, "=", main=True)


def closing_without_ground(doc: Doc) -> None:
    closing(doc).pop("grounds")
    doc.pop("weights", None)  # they speak of grounds


def recipient_not_asked(doc: Doc) -> None:
    add_verb(doc, "pass_on", initial(doc), "=", holder="recipient")


def reserved_key(doc: Doc) -> None:
    add_verb(doc, "ask", initial(doc), "=", form=[{"key": "ground", "title": TITLE}])


# ---- names ----------------------------------------------------------------------------------------------------------


def _unknown(what: str) -> Mutation:
    def add(doc: Doc) -> None:
        verb = add_verb(doc, "extra", initial(doc), "=")
        ladder_rung = doc["ladders"][0]["tiers"][0][0]
        changes: Mapping[str, Callable[[], object]] = {
            "role": lambda: verb.update(who=[*WHO, {"roles": ["handlr"], "relations": ["holder"]}]),
            "relation": lambda: verb.update(who=[*WHO, {"roles": ["head"], "relations": ["holdr"]}]),
            "organ_kind": lambda: doc["access"].append({"relation": "subject", "may": "read", "organs": ["village_party"]}),
            "kind": lambda: doc.update(parents=[*doc.get("parents", []), "clu"]),
            "guard": lambda: verb.update(guards=["has_evidenc"]),
            "effect": lambda: verb.update(effects=["notify_holdr"]),
            "rung": lambda: ladder_rung.update(do="remindd"),
            "letter": lambda: verb.update(effects=[{"issue_letter": {"letter": "transfer_lettr"}}]),
            "message": lambda: ladder_rung.update(params={"message": "overdu"}),
            "separation": lambda: verb.update(separate=["wrk"]),
            "holder": lambda: verb.update(holder="supervisr"),
            "where": lambda: ladder_rung.update(to=["handler@holdr"]),
            "state": lambda: doc["clocks"][0].update(stands_in=["nowhere"]),
            "trigger": lambda: doc["clocks"][0].update(settled_by=[*doc["clocks"][0].get("settled_by", []), "closee"]),
            "start": lambda: doc["clocks"][0]["starts"].append({"on": "opn"}),
            "field": lambda: verb.update(guards=[{"any": [{"field_filled": {"field": "sumary"}}]}]),
            "clock": lambda: verb.update(effects=[{"settle_clocks": {"clocks": ["hand_ovr"]}}]),
            "level": lambda: _interviewers(doc, {"hamlet": "county:leading_group"}),
            "retention": lambda: doc.update(retention="for_evr"),
            "ground": lambda: doc.update(weights=[{"retention": "ordinary", "grounds": ["lost_it"]}]),
            "evidence_label": lambda: verb.update(evidence={"labels": ["site_foto"]}),
            "ladder": lambda: add_clock(doc, "extra", initial(doc), starts=[{"on": "extra"}], ladder="handel"),
        }
        changes[what]()

    return add


def _interviewers(doc: Doc, addresses: Mapping[str, str]) -> None:
    interview_without_withdrawal(doc)
    doc["transitions"][-1]["to"] = final(doc)
    doc["transitions"][-1]["grounds"] = GROUNDS
    doc["interview"]["interviewers"] = addresses


WHATS = [
    "level",
    "role",
    "relation",
    "organ_kind",
    "kind",
    "guard",
    "effect",
    "rung",
    "letter",
    "message",
    "separation",
    "holder",
    "where",
    "state",
    "trigger",
    "start",
    "field",
    "clock",
    "evidence_label",
    "retention",
    "ground",
    "ladder",
]


def wrong_post(doc: Doc) -> None:
    doc["ladders"][0]["tiers"][0][0]["to"] = ["handler of the holder"]


def post_without_kind(doc: Doc) -> None:
    doc["ladders"][0]["tiers"][0][0]["to"] = ["head@county"]


def asker_of_a_rung(doc: Doc) -> None:
    doc["ladders"][0]["tiers"][0][0]["to"] = ["asker"]


def asker_of_a_step_that_answers_nothing(doc: Doc) -> None:
    told = {"notify_posts": {"to": ["asker"], "message": "approval_given"}}
    add_verb(doc, "extra", initial(doc), "=", effects=[told])


def suggestion_without_kind(doc: Doc) -> None:
    add_verb(
        doc,
        "extra",
        initial(doc),
        "=",
        form=[
            {
                "key": "chair",
                "title": {"zh-Hans": "约谈人", "zh-Hant": "約談人", "en": "Chair"},
                "suggest": {"post": "head@above_subject"},
            }
        ],
    )


def _parameters(effect: object) -> Mutation:
    return lambda doc: add_verb(doc, "extra", initial(doc), "=", effects=[effect])


def owner_without_kind(doc: Doc) -> None:
    add_clock(doc, "extra", initial(doc), starts=[{"on": "open"}], owner="above_subject")


def owner_with_a_kind_too_much(doc: Doc) -> None:
    add_clock(doc, "extra", initial(doc), starts=[{"on": "open"}], owner="holder:inspection_office")


def interviewer_without_kind(doc: Doc) -> None:
    if "interview" not in doc:
        raise NotHere
    doc["interview"]["interviewers"] = {"village": "above_subject"}


def date_not_asked(doc: Doc) -> None:
    add_field(doc, "told_on", type="date", write=["supervisor"])
    add_verb(doc, "extra", initial(doc), "=", guards=[{"min_workdays": {"field": "told_on", "days": 2}}])


def answer_beside_not_asked(doc: Doc) -> None:
    form = [{"key": "told", "title": TITLE, "required_when": {"label": "dated"}}]
    add_verb(doc, "extra", initial(doc), "=", form=form)


def _extension(doc: Doc, proof: Doc) -> None:
    choices = [{"key": "flood", "title": TITLE}]
    form = [{"key": "cause", "title": TITLE, "type": "choice", "choices": choices, "stores": False}]
    extension = {"form": form, "proof": {"label": "site_photo", **proof}}
    add_clock(doc, "extra", initial(doc), starts=[{"on": "open"}], extension=extension)


def label_of_a_proof(doc: Doc) -> None:
    _extension(doc, {"label": "site_foto", "when": {"cause": "flood"}})


def proof_of_what_is_not_asked(doc: Doc) -> None:
    _extension(doc, {"when": {"coarse": "flood"}})


def unknown_choice_of_a_proof(doc: Doc) -> None:
    _extension(doc, {"when": {"cause": "flod"}})


def question_of_an_extension_twice(doc: Doc) -> None:
    _extension(doc, {"when": {"cause": "flood"}})
    doc["clocks"][-1]["extension"]["form"] *= 2


def label_in_a_guard(doc: Doc) -> None:
    add_verb(doc, "extra", initial(doc), "=", guards=[{"has_evidence": {"labels": ["site_foto"]}}])


def question_not_asked(doc: Doc) -> None:
    effect = {"pause_clocks": {"clocks": [doc["clocks"][0]["key"]], "reason_from": "why"}}
    add_verb(doc, "extra", initial(doc), "=", effects=[effect])


def _twice(name: str) -> Mutation:
    return lambda doc: doc[name].append({**deepcopy(doc[name][-1]), "main": False} if name == "clocks" else doc[name][-1])


def question_twice(doc: Doc) -> None:
    add_verb(doc, "extra", initial(doc), "=", form=[{"key": "twice", "title": TITLE}, {"key": "twice", "title": TITLE}])


# ---- people ---------------------------------------------------------------------------------------------------------


def _nobody(who: list[Doc]) -> Mutation:
    return lambda doc: add_verb(doc, "extra", initial(doc), "=", who=who)


def nobody_sees_where_it_is_pressed(doc: Doc) -> None:
    elsewhere = first(s["key"] for s in doc["states"] if not s.get("initial"))
    doc["access"].append({"relation": "none", "may": "read", "in": [elsewhere]})
    add_verb(doc, "extra", initial(doc), "=", who=[{"roles": ["head"], "relations": ["none"]}])


def access_in_a_state_that_is_not(doc: Doc) -> None:
    doc["access"].append({"relation": "none", "may": "read", "in": ["notifed"]})


def access_said_twice(doc: Doc) -> None:
    doc["access"].append(deepcopy(doc["access"][0]))


def access_that_another_rule_gives_everywhere(doc: Doc) -> None:
    relation = doc["access"][0]["relation"]
    doc["access"].append({"relation": relation, "may": "read", "in": [initial(doc)]})


def opened_by_nobody(doc: Doc) -> None:
    doc.update(opened_by=[], parents=[], number="{n}")


def roles_that_do_and_approve(doc: Doc) -> None:
    add_verb(doc, "extra", initial(doc), "=", approval={"roles": ["head", "deputy"], "relation": "supervisor"})


def decision_by_nobody(doc: Doc) -> None:
    if any(rule["relation"] == "none" for rule in doc["access"]):
        raise NotHere
    add_verb(doc, "extra", initial(doc), "=", decision={"roles": ["head"], "relation": "none"})


def decision_with_approval(doc: Doc) -> None:
    vote = {"roles": ["deputy"], "relation": "supervisor"}
    add_verb(doc, "extra", initial(doc), "=", decision=vote, approval={"roles": ["deputy"], "relation": "supervisor"})


def _post(post: str) -> Mutation:
    return lambda doc: doc["ladders"][0]["tiers"][0][0].update(to=[post])


def rung_to_interviewer(doc: Doc) -> None:
    if "interview" in doc or doc.get("on_agenda"):
        raise NotHere
    _post("head@interviewer")(doc)


# ---- clocks ---------------------------------------------------------------------------------------------------------


def state_without_running_clock(doc: Doc) -> None:
    add_state(doc, "idle")
    add_verb(doc, "rest", initial(doc), "idle")
    add_verb(doc, "end", "idle", final(doc), grounds=GROUNDS)


def state_with_a_conditional_clock(doc: Doc) -> None:
    state_without_running_clock(doc)
    field, value = pick_list(doc)
    add_clock(doc, "sometimes", "idle", starts=[{"on": "rest", "when": {field: value}}])


def state_whose_clock_is_settled_on_the_way(doc: Doc) -> None:
    state_without_running_clock(doc)
    add_verb(doc, "note_down", "idle", "=")
    add_clock(doc, "once", "idle", starts=[{"on": "rest"}], settled_by=["note_down"])


def clocks_too_tangled(doc: Doc) -> None:
    for number in range(9):  # each of the nine replaces another, or has not yet: 512 ways
        add_verb(doc, f"replace_{number}", initial(doc), "=")
        add_clock(doc, f"first_{number}", initial(doc), starts=[{"on": "open"}], settled_by=[f"replace_{number}"])
        add_clock(doc, f"second_{number}", initial(doc), starts=[{"on": f"replace_{number}"}])


def clock_never_started(doc: Doc) -> None:
    trigger = closing(doc)["trigger"]
    add_clock(doc, "extra", initial(doc), starts=[{"on": "open"}, {"on": trigger}])


def later_never_started(doc: Doc) -> None:
    approval = {"roles": ["head"], "relation": "holder", "later": "follow_up"}
    add_verb(doc, "extra", initial(doc), "=", approval=approval)
    add_clock(doc, "follow_up", initial(doc), starts=[{"on": "open"}])


def clock_never_settled(doc: Doc) -> None:
    add_clock(doc, "extra", initial(doc), starts=[{"on": "open"}], runs_in=[s["key"] for s in doc["states"]])


def clock_in_final_state(doc: Doc) -> None:
    add_clock(doc, "extra", closing(doc)["to"], starts=[{"on": closing(doc)["trigger"]}])


def runs_and_stands(doc: Doc) -> None:
    add_clock(doc, "extra", initial(doc), starts=[{"on": "open"}], stands_in=[initial(doc)])


def limit_table_without_last_row(doc: Doc) -> None:
    field, value = pick_list(doc)
    limits = [{"when": {field: value}, "limit": "5 day"}]
    add_clock(doc, "extra", initial(doc), starts=[{"on": "open"}], limits=limits)


def limit_table_that_ends_with_a_date(doc: Doc) -> None:
    add_field(doc, "told_on", type="date", write=["supervisor"])
    add_clock(doc, "extra", initial(doc), starts=[{"on": "open"}], limits=[{"date_field": "told_on"}])


def limit_row_never_reached(doc: Doc) -> None:
    doc["clocks"][0]["limits"].append(deepcopy(doc["clocks"][0]["limits"][-1]))


def limit_row_behind_a_wider_one(doc: Doc) -> None:
    field, value = pick_list(doc)
    add_field(doc, "ticked", type="flag", write=["supervisor"])
    wide, narrow = {"ticked": True}, {"ticked": True, field: value}
    limits = [{"when": wide, "limit": "5 day"}, {"when": narrow, "limit": "3 day"}, {"limit": "none"}]
    add_clock(doc, "extra", initial(doc), starts=[{"on": "open"}], limits=limits)


def many_main_clocks(doc: Doc) -> None:
    for key in ("one", "two"):
        add_clock(doc, key, initial(doc), starts=[{"on": "open"}], main=True)


def by_length_without_ladders(doc: Doc) -> None:
    doc["ladders"] = [ladder for ladder in doc["ladders"] if ladder["key"] != "short"]
    add_clock(doc, "extra", initial(doc), starts=[{"on": "open"}], ladder="by_length")


# ---- ladders --------------------------------------------------------------------------------------------------------


def ladder_out_of_order(doc: Doc) -> None:
    some_ladder(doc)["tiers"][0].reverse()


def ladder_unused(doc: Doc) -> None:
    doc["ladders"].append({**deepcopy(doc["ladders"][0]), "key": "spare"})


def clock_never_due(doc: Doc) -> None:
    ladder = doc["ladders"][0]["key"]
    add_clock(doc, "extra", initial(doc), starts=[{"on": "open"}], limits=[{"limit": "none"}], ladder=ladder)


def rung_before_start(doc: Doc) -> None:
    ladder = first(x for x in doc["ladders"] if x["key"] not in ("long", "medium", "short", "measure"))
    ladder["tiers"][0][0]["at"] = "-9000 day"


def rung_before_start_by_length(doc: Doc) -> None:
    first(x for x in doc["ladders"] if x["key"] == "short")["tiers"][0][0]["at"] = "-15 day"


def rung_behind_held(doc: Doc) -> None:
    some_ladder(doc)["tiers"][0][0]["holds"] = True


def tier_never_reached(doc: Doc) -> None:
    ladder = first(x for x in doc["ladders"] if not any(r.get("holds") for r in x["tiers"][-1]))
    ladder["tiers"] += [deepcopy(ladder["tiers"][-1]), deepcopy(ladder["tiers"][-1])]


# ---- facts ----------------------------------------------------------------------------------------------------------


def field_read_never_filled(doc: Doc) -> None:
    add_field(doc, "ghost")
    add_verb(doc, "extra", initial(doc), "=", guards=[{"field_filled": {"field": "ghost"}}])


def secret_field_read(doc: Doc) -> None:
    doc["on_agenda"] = False
    add_field(doc, "veiled", secret=True, write=["supervisor"])
    add_verb(doc, "extra", initial(doc), "=", guards=[{"field_filled": {"field": "veiled"}}])


def secret_field_copied(doc: Doc) -> None:
    doc["on_agenda"] = False
    add_field(doc, "veiled", secret=True, write=["supervisor"])
    effect = {"open_child": {"kind": "clue", "title_from": "reason", "fields": ["veiled"]}}
    add_verb(doc, "extra", initial(doc), "=", effects=[effect])


def secret_field_filtered(doc: Doc) -> None:
    doc["on_agenda"] = False
    add_field(doc, "veiled", secret=True, filter=True, write=["supervisor"])


def text_told_to_its_subject(doc: Doc) -> None:
    doc["on_agenda"] = False
    doc["access"] = [rule for rule in doc["access"] if rule["relation"] != "subject"]
    add_field(doc, "veiled", secret=True, write=["supervisor"])
    add_field(doc, "wordy", write=["supervisor"])
    effect = {"open_child": {"kind": "clue", "title_from": "reason", "fields": ["wordy"], "holder": "supervisor"}}
    add_verb(doc, "extra", initial(doc), "=", effects=[effect])


def field_of_wrong_type(doc: Doc) -> None:
    add_field(doc, "wordy", write=["supervisor"])
    limits = [{"when": {"wordy": "x"}, "limit": "5 day"}, {"date_field": "wordy"}, {"limit": "6 day"}]
    add_clock(doc, "extra", initial(doc), starts=[{"on": "open"}], limits=limits)


def days_counted_to_a_word(doc: Doc) -> None:
    add_field(doc, "wordy", write=["supervisor"])
    form = [{"key": "wordy", "title": TITLE}]
    add_verb(doc, "extra", initial(doc), "=", form=form, guards=[{"min_workdays": {"field": "wordy", "days": 2}}])


def unknown_choice(doc: Doc) -> None:
    field, _ = pick_list(doc)
    limits = [{"when": {field: "ones"}, "limit": "5 day"}, {"limit": "6 day"}]
    add_clock(doc, "extra", initial(doc), starts=[{"on": "open"}], limits=limits)


def unknown_choice_in_a_guard(doc: Doc) -> None:
    field, value = pick_list(doc)
    add_verb(doc, "extra", initial(doc), "=", guards=[{"field_in": {"field": field, "values": [value, "two"]}}])


def unknown_choice_beside(doc: Doc) -> None:
    field, _ = pick_list(doc)
    add_field(doc, "when_picked", write=["supervisor"], required_when={field: "two"})


def flag_set_to_a_number(doc: Doc) -> None:
    add_field(doc, "ticked", type="flag", write=["supervisor"])
    add_verb(doc, "extra", initial(doc), "=", effects=[{"set_field": {"field": "ticked", "value": 1}}])


def question_unlike_fact(doc: Doc) -> None:
    field, _ = pick_list(doc)
    add_verb(doc, "extra", initial(doc), "=", form=[{"key": field, "title": TITLE}])


# ---- the kind -------------------------------------------------------------------------------------------------------


def agenda_kind_has_secret_fields(doc: Doc) -> None:
    doc["on_agenda"] = True
    columns = [{"key": "name", "title": TITLE, "secret": True}]
    add_field(doc, "veiled", type="rows", columns=columns, write=["supervisor"])


def interview_without_withdrawal(doc: Doc) -> None:
    verb = add_verb(doc, "fix", initial(doc), "=", effects=["fix_new_dates"])
    verb["form"] = [{"key": "new_dates", "title": TITLE, "type": "agenda_dates"}]
    rule = {"joinable_in": [initial(doc)], "consent_in": [], "held_in": [final(doc)], "withdrawn_by": "fix"}
    doc["interview"] = rule


def interview_without_a_state_to_join(doc: Doc) -> None:
    interview_without_withdrawal(doc)
    doc["interview"].update(joinable_in=[], held_in=[])


def interview_without_dates(doc: Doc) -> None:
    for verb in doc["transitions"]:
        verb["effects"] = [effect for effect in verb.get("effects", []) if effect != "fix_new_dates"]
    add_verb(doc, "call_off", initial(doc), final(doc), grounds=GROUNDS)
    rule = {"joinable_in": [initial(doc)], "consent_in": [], "held_in": [], "withdrawn_by": "call_off", "max_days": []}
    doc["interview"] = rule


def _number(number: str) -> Mutation:
    return lambda doc: doc.update(number=number, parents=[])


def text_missing_language(doc: Doc) -> None:
    doc["title"] = "便函"


def _scenario(**more: Any) -> Mutation:
    def spoil(doc: Doc) -> None:
        told = {"title": TITLE, "on": "2026-03-02", "until": "2026-03-03", "expect": {"state": initial(doc)}}
        doc["scenarios"] = [{**told, **more}]

    return spoil


def scenario_of_another_clock(doc: Doc) -> None:
    _scenario(expect={"state": initial(doc), "due": {"nothing": "2026-03-09"}})(doc)


def vote_on_what_nobody_decides(doc: Doc) -> None:
    step = {"on": "2026-03-02", "do": doc["transitions"][0]["trigger"], "vote": {"agree": 3}}
    _scenario(steps=[step])(doc)


def scenario_of_another_rung(doc: Doc) -> None:
    rungs = [{"clock": doc["clocks"][0]["key"], "rung": "nothing", "on": "2026-03-03"}]
    _scenario(expect={"state": initial(doc), "rungs": rungs})(doc)


def many_scenarios(doc: Doc) -> None:
    _scenario()(doc)
    doc["scenarios"] *= SCENARIOS_AT_MOST + 1


def many_steps(doc: Doc) -> None:
    step = {"on": "2026-03-02", "do": doc["transitions"][0]["trigger"]}
    _scenario(steps=[step] * (STEPS_AT_MOST + 1))(doc)


def scenario_with_a_secret(doc: Doc) -> None:
    add_field(doc, "whistle", type="flag", secret=True, write=["supervisor"])
    _scenario(facts={"whistle": True})(doc)


# ---- consent --------------------------------------------------------------------------------------------------------


def consent_found_by_nothing(doc: Doc) -> None:
    consent(doc)
    next(field for field in doc["fields"] if field["key"] == "stands")["filter"] = False
    put_consent_right(doc)


def consent_to_a_step_that_needs_none(doc: Doc) -> None:
    consent(doc)
    put_consent_right(doc)
    del next(verb for verb in doc["transitions"] if verb["trigger"] == "signed")["approval"]


def consent_that_nobody_can_refuse(doc: Doc) -> None:
    consent(doc)
    put_consent_right(doc)
    next(verb for verb in doc["transitions"] if verb["trigger"] == "refuse_it")["from"] = [final(doc)]


def consent(doc: Doc) -> None:
    """A request whose form does not ask which step it is for."""
    stands = [{"key": key, "title": TITLE} for key in ("asked", "given", "refused")]
    step = {"type": "choice", "choices": [{"key": "signed", "title": TITLE}]}
    add_field(doc, "stands", type="choice", choices=stands, filter=True)
    add_field(doc, "step", **step)
    approval = {"roles": ["head"], "relation": "supervisor"}
    add_verb(doc, "signed", initial(doc), "=", who=[{"roles": ["handler"], "relations": ["supervisor"]}], approval=approval)
    for trigger in ("ask_it", "give_it", "refuse_it", "withdraw_it"):
        add_verb(doc, trigger, initial(doc), "=")
    doc["consent"] = {
        "asked_by": "ask_it",
        "given_by": "give_it",
        "refused_by": "refuse_it",
        "withdrawn_by": "withdraw_it",
        "step": "step",
        "stands": "stands",
    }


def put_consent_right(doc: Doc) -> None:
    asking = next(verb for verb in doc["transitions"] if verb["trigger"] == "ask_it")
    choices = [{"key": "signed", "title": TITLE}]
    asking["form"] = [{"key": "step", "title": TITLE, "type": "choice", "required": True, "choices": choices}]


# Proof id → its mutations. The second list names proofs that cannot but find the same.
MUTATIONS: Mapping[str, list[Mutation]] = {
    "no_initial": [no_initial],
    "many_initial": [many_initial],
    "unreachable_state": [unreachable_state],
    "trap_state": [trap_state],
    "no_way_to_final": [no_way_to_final],
    "final_state_left": [final_state_left],
    "reopens_open_case": [reopens_open_case],
    "reopen_without_date": [reopen_without_date],
    "ambiguous_trigger": [ambiguous_trigger],
    "many_main": [many_main],
    "closing_without_ground": [closing_without_ground],
    "recipient_not_asked": [recipient_not_asked],
    "reserved_key": [reserved_key],
    "unknown_name": [*(_unknown(what) for what in WHATS), label_of_a_proof, label_in_a_guard, access_in_a_state_that_is_not],
    "wrong_post": [wrong_post, post_without_kind, suggestion_without_kind],
    "nobody_asked": [asker_of_a_rung, asker_of_a_step_that_answers_nothing],
    "wrong_parameter": [
        _parameters("issue_letter"),
        _parameters({"issue_letter": {"letter": 3}}),
        _parameters({"propose_interview": {"tier": "1"}}),
        _parameters({"propose_interview": {"tier": True}}),
        _parameters({"notify_holder": {"message": "overdue"}}),
        _parameters({"open_child": {"kind": "clue", "title_from": "reason", "holder": 3}}),
    ],
    "wrong_owner": [interviewer_without_kind, owner_with_a_kind_too_much, owner_without_kind],
    "question_not_asked": [date_not_asked, answer_beside_not_asked, proof_of_what_is_not_asked, question_not_asked],
    "duplicate_key": [
        _twice("states"),
        _twice("fields"),
        _twice("clocks"),
        _twice("ladders"),
        question_twice,
        question_of_an_extension_twice,
    ],
    "transition_nobody_may_fire": [
        _nobody([]),
        _nobody([{"roles": ["head"], "relations": ["none"]}]),
        _nobody([{"roles": [], "relations": ["supervisor"]}]),
        nobody_sees_where_it_is_pressed,
    ],
    "opened_by_nobody": [opened_by_nobody],
    "access_that_adds_nothing": [access_said_twice, access_that_another_rule_gives_everywhere],
    "decision_by_nobody": [decision_by_nobody],
    "decision_unfit": [decision_with_approval],
    "roles_that_do_and_approve": [roles_that_do_and_approve],
    "rung_to_missing_level": [
        _post("head@above_subject:village_party_organisation"),
        _post("head@county:township_party_committee"),
        rung_to_interviewer,
    ],
    "state_without_running_clock": [
        state_without_running_clock,
        state_with_a_conditional_clock,
        state_whose_clock_is_settled_on_the_way,
    ],
    "clocks_too_tangled": [clocks_too_tangled],
    "clock_never_started": [clock_never_started],
    "later_never_started": [later_never_started],
    "clock_never_settled": [clock_never_settled],
    "clock_in_final_state": [clock_in_final_state],
    "runs_and_stands": [runs_and_stands],
    "limit_table_without_last_row": [limit_table_without_last_row, limit_table_that_ends_with_a_date],
    "limit_row_never_reached": [limit_row_never_reached, limit_row_behind_a_wider_one],
    "many_main_clocks": [many_main_clocks],
    "by_length_without_ladders": [by_length_without_ladders],
    "ladder_out_of_order": [ladder_out_of_order],
    "ladder_unused": [ladder_unused],
    "clock_never_due": [clock_never_due],
    "rung_before_start": [rung_before_start, rung_before_start_by_length],
    "rung_behind_held": [rung_behind_held],
    "tier_never_reached": [tier_never_reached],
    "field_read_never_filled": [field_read_never_filled],
    "secret_field_read": [secret_field_read, secret_field_copied, secret_field_filtered],
    "text_told_to_its_subject": [text_told_to_its_subject],
    "field_of_wrong_type": [field_of_wrong_type, days_counted_to_a_word],
    "unknown_choice": [
        unknown_choice,
        unknown_choice_in_a_guard,
        unknown_choice_beside,
        unknown_choice_of_a_proof,
        flag_set_to_a_number,
    ],
    "question_unlike_fact": [question_unlike_fact],
    "agenda_kind_has_secret_fields": [agenda_kind_has_secret_fields],
    "interview_kind_incomplete": [
        interview_without_withdrawal,
        interview_without_a_state_to_join,
        interview_without_dates,
    ],
    "consent_incomplete": [
        consent_found_by_nothing,
        consent_to_a_step_that_needs_none,
        consent_that_nobody_can_refuse,
        consent,
    ],
    "wrong_number_pattern": [_number("便函"), _number("{n}{}"), _number("{n}{parent}"), _number("{n}}")],
    "text_missing_language": [text_missing_language],
    "scenario_speaks_of_nothing": [
        _scenario(expect={"state": "nowhere"}),
        _scenario(steps=[{"on": "2026-03-02", "do": "nothing"}]),
        _scenario(subject="nobody"),
        scenario_of_another_clock,
        scenario_of_another_rung,
    ],
    "scenario_tells_words": [_scenario(facts={"nothing": "张三"}), scenario_with_a_secret],
    "scenario_out_of_order": [
        _scenario(until="2026-03-01"),
        _scenario(until="2036-03-01"),
    ],
    "scenario_votes_amiss": [vote_on_what_nobody_decides],
    "scenarios_too_many": [many_scenarios, many_steps],
}
# What lives in a final state also never ends there, where nothing leads out of it; and the other way round.
ALSO: Mapping[str, set[str]] = {
    "clock_never_settled": {"clock_in_final_state"},
    "clock_in_final_state": {"clock_never_settled"},
    # The pattern of a child is spoiled by taking its parents away: then nobody opens a kind that only its parent opens.
    "wrong_number_pattern": {"opened_by_nobody"},
    # Of a kind that has its request for approval, the facts of that one are no longer filled.
    "consent_incomplete": {"field_read_never_filled", "nobody_asked"},
    # The secret that a scenario must not tell is one that a kind on agendas must not have.
    "scenario_tells_words": {"agenda_kind_has_secret_fields"},
}
