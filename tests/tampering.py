"""Changes rows behind the engine's back, as somebody with the database's own tools would."""

from __future__ import annotations

from sqlalchemy import create_engine


def tamper(url: str, *statements: str) -> None:
    """Runs the statements on a connection of their own, which nothing of ours has bound."""
    engine = create_engine(url)
    with engine.begin() as connection:
        # Whoever owns the database begins with what stands in his way.
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS content_stays" + (" ON content" if "postgresql" in url else ""))
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def unguard_posts(url: str) -> None:
    """Lets one person hold what no person may hold at once."""
    names = ("role_grant_separate ON role_grant",) if "postgresql" in url else ("role_grant_given", "role_grant_changed")
    tamper(url, *(f"DROP TRIGGER {name}" for name in names))
