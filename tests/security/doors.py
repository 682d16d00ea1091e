"""Every address of the site and what kind of door it is; a route that is not here fails a test that names it.

`CASE`: of one case by its id, `STEP`: does something with one case, `LIST`: tells of many, `OWN`: one's own things, by id,
`SAME`: the same for everybody who is let in, and tells of no case, `DUTY`: of an administrator, and tells of no case's content,
`OUTSIDE`: open to whoever comes.
"""

from __future__ import annotations

CASE, STEP, LIST, OWN, SAME, DUTY, OUTSIDE = "case", "step", "list", "own", "same", "duty", "outside"

DOORS: dict[str, tuple[str, ...]] = {
    CASE: (
        *("cases.case_page", "cases.act_page", "cases.bar_page", "cases.extend_page", "cases.unseal_page", "cases.amend_page"),
        *("cases.diagram_page",),
        *("cases.verb_page", "cases.look", "cases.scenario", "cases.receipt", "cases.dossier", "cases.letter"),
        *("cases.original_page", "cases.discretion_page", "village.item_page"),
        *("api.show", "api.events", "api.receipt", "api.votes"),
    ),
    STEP: (
        *("cases.act", "cases.undo", "cases.unseal", "cases.verb", "cases.add_evidence", "cases.begin_upload", "village.save"),
        *("cases.loosen", "cases.original"),
        *("api.fire", "api.comment", "api.add_evidence", "api.assign", "api.bar", "api.pause", "api.resume"),
        *("api.ask_extension", "api.decide_extension", "api.undo"),
        *("api.ask_decision", "api.vote", "api.record_votes", "api.withdraw_decision"),
    ),
    LIST: (
        *("ledger.ledger_page", "ledger.interviews_page", "ledger.orders_page", "ledger.search_page", "ledger.export"),
        *("ledger.paper_page", "ledger.paper_book", "overview.overview_page", "overview.course_page", "inbox.inbox_page"),
        *("reports.reports_page", "reports.report_page", "reports.report_book", "notices.notices_page", "village.first_item"),
        *("api.list_cases", "api.find", "api.counts", "imports.imports_page", "imports.import_page", "health.health_page"),
        *("reports.register_page", "retention.due_page"),
    ),
    OWN: (
        *("bulk.runs_page", "bulk.run_page", "bulk.begin", "bulk.papers", "bulk.progress", "bulk.undo", "inbox.sign_many"),
        *("ledger.save_view", "ledger.drop_view", "ledger.choose_columns", "notices.read_all", "notices.wishes_page"),
        *("notices.keep_wishes", "admin.tokens_page", "admin.make_token", "admin.end_token", "cases.upload_state"),
        *(
            "cases.add_part",
            "cases.file",
            "api.file",
            "api.circulated",
            "api.keep_file",
            "api.me",
            "cases.new_page",
            "cases.create",
        ),
        *("api.open_case", "session.factors_page", "session.begin_totp", "session.confirm_totp", "session.key_options"),
        *("session.confirm_key", "session.new_codes", "session.end_factor", "session.prove_for", "session.sessions_page"),
        *("session.end_one", "session.end_others", "session.factor_page", "session.show_factor", "session.proof_options"),
        *("session.leave", "session.password_page", "session.change_password", "session.choose_post", "help.tour_taken"),
        *("imports.preview", "imports.bring_in", "imports.switch_on", "imports.withdraw_import", "session.kin_page"),
        *("session.declare", "session.take_back", "cases.circulated", "cases.small", "exports.exports_page"),
        *("retention.choose", "retention.disposal_page", "retention.decide"),
    ),
    SAME: (
        *("ledger.home", "admin.organisations_page", "admin.changes_page", "admin.unit_page", "admin.calendar_page"),
        *("admin.days_off", "admin.correct_calendar", "configuration.configuration_page", "configuration.kind_page"),
        *("configuration.add_setting", "configuration.setting_page", "configuration.setting_text", "configuration.change_page"),
        *("configuration.bundle_page", "configuration.bundle_file", "configuration.look_at_bundle"),
        *("configuration.take_bundle_in", "configuration.change_setting", "configuration.decide_change"),
        *("configuration.withdraw_change", "configuration.report_file", "help.help_page", "help.guide_page"),
        *("api.organisations", "api.calendar", "api.kinds", "admin.decide_proposal", "admin.decide_link"),
    ),
    DUTY: (
        *("admin.add_area", "admin.order_areas", "admin.order_organs", "admin.add_organ", "admin.withdraw_change"),
        *("admin.decide_change",),
        *("admin.undo_change", "admin.change_unit", "admin.people_page", "admin.grants_page", "admin.add_person"),
        *("admin.issue_password", "admin.change_email", "admin.disable_person", "admin.give_grant", "admin.end_grant"),
        *("admin.links_page", "admin.propose_link", "admin.end_link"),
        *("versions.versions_page", "versions.version_text", "versions.diff_page", "versions.draft_page"),
        *("versions.check_draft", "versions.begin_preview", "versions.preview_page", "versions.preview_progress"),
        *("versions.preview_export", "versions.rehearsal_page", "versions.propose", "versions.proposal_page"),
        *("versions.decide", "versions.withdraw_proposal", "versions.run_page", "versions.run_progress", "versions.again"),
        *("versions.rehearsal_export",),
        *("versions.stop_kind", "versions.reopen_kind", "versions.reverse_run", "versions.motion_page"),
        *("versions.decide_motion", "versions.withdraw_motion", "designer.drafts_page", "designer.new_draft"),
        *("designer.draft_page", "designer.edit_draft", "designer.name_draft", "designer.drop_draft", "designer.draft_text"),
        *("designer.live_draft", "designer.record_scenario"),
        *("audit.checkpoint_page", "audit.seen_page", "audit.changes_page", "audit.put_away"),
    ),
    OUTSIDE: (
        *("session.icon", "session.sign_in_page", "session.enter", "session.setup_page", "session.set_up"),
        *("session.set_out", "session.back_page", "session.finish"),
        *("session.preferences", "audit.witness_door", "health.healthz", "health.readyz", "health.metrics", "api.openapi"),
    ),
}
