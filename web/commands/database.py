"""duban database: the role that the program works as on PostgreSQL, which owns nothing and changes no history."""

from __future__ import annotations

import click

from config.settings import load
from states.errors import BadInput
from web.commands.office import common, confirmed, opened, say
from workflow.least import grants_for


@click.group("database")
def command() -> None:
    """The database's own rights: what the program may do there."""


@command.command("roles")
@click.argument("role", default="duban_app")
@click.option("--apply", "apply", is_flag=True, help="Run them here, as the owner of the tables; the role has to be there.")
@common
def roles(role: str, apply: bool, yes: bool, as_json: bool) -> None:
    """Print what gives ROLE just what the program needs on PostgreSQL; to be run again after each `duban init`."""
    statements = grants_for(role)
    if apply:
        with opened() as office:
            if load().database.startswith("sqlite"):
                raise BadInput(why="roles_on_postgresql")
            confirmed(yes, f"把{role}的权限设为只够运行？")
            office.database.write(lambda store: [store.connection.exec_driver_sql(one) for one in statements])
    told = {"role": role, "statements": statements, "applied": apply}
    say(told, as_json, lambda told: f"{role}的权限已设好" if apply else "".join(f"{one};\n" for one in told["statements"]))
