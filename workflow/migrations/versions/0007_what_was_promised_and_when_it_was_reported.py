"""What was promised first and since when the work is reported, on the case itself, so that being on time can be counted."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

VERSIONS = sa.text("SELECT v.id, d.canonical FROM definition_version v JOIN definition d ON d.digest = v.digest")
# The last run of the main clock in the present cycle.
PROMISED = sa.text(
    """
    UPDATE cases SET promised_on = (
        SELECT clock.original_due_on FROM clock
        WHERE clock.case_id = cases.id AND clock.key = :main AND clock.cycle = cases.cycle
          AND clock.original_due_on IS NOT NULL
        ORDER BY clock.run DESC LIMIT 1)
    WHERE definition_version_id = :version
    """
)
WAITING = sa.text("UPDATE cases SET reported_on = state_since WHERE definition_version_id = :version AND state IN :checking")
# The beginning of the stretches of checking after which nobody worked on it any more; else the day it was closed.
CLOSED = """
    UPDATE cases SET reported_on = coalesce((
        SELECT {day} FROM spell
        WHERE spell.case_id = cases.id AND spell.state IN :checking AND spell.seq > coalesce((
            SELECT max(worked.seq) FROM spell AS worked
            WHERE worked.case_id = cases.id AND worked.state IN :working), 0)), closed_on)
    WHERE definition_version_id = :version AND final
"""
DAY = {
    "sqlite": "date(min(spell.from_at), '+8 hours')",
    "postgresql": "CAST(min(spell.from_at) AT TIME ZONE 'Asia/Shanghai' AS date)",
}


def upgrade() -> None:
    """Up."""
    op.add_column("cases", sa.Column("promised_on", sa.Date(), nullable=True))
    op.add_column("cases", sa.Column("reported_on", sa.Date(), nullable=True))
    database = op.get_bind()
    closed = sa.text(CLOSED.format(day=DAY[database.dialect.name]))
    for version, canonical in database.execute(VERSIONS).all():
        for clock in json.loads(canonical).get("clocks", []):
            if clock.get("main"):
                checking, working = (clock.get(name) or [""] for name in ("stands_in", "runs_in"))
                told = {"version": version, "checking": checking, "working": working, "main": clock["key"]}
                for statement in (PROMISED, WAITING, closed):
                    names = [name for name in told if f":{name}" in statement.text]
                    lists: list[sa.BindParameter[str]] = [
                        sa.bindparam(name, expanding=True) for name in ("checking", "working") if name in names
                    ]
                    database.execute(statement.bindparams(*lists), {name: told[name] for name in names})


def downgrade() -> None:
    """Down."""
    op.drop_column("cases", "reported_on")
    op.drop_column("cases", "promised_on")
