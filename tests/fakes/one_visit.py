"""The pass that most visitors hold: in once and out once, from a minute ago for two hours."""

from datetime import datetime, timedelta

from models.visit import Claims, PassKind


def one_visit(pass_id: str, compound: str, now: datetime) -> Claims:
    """Return what such a pass says; valid at every lane."""
    begin = now.replace(microsecond=0) - timedelta(minutes=1)
    return Claims(
        pass_id=pass_id,
        host="a1" * 8,
        compound=compound,
        lanes=frozenset(),
        not_before=begin,
        expires=begin + timedelta(hours=2),
        uses=1,
        kind=PassKind.SINGLE,
        kid=1,
    )
