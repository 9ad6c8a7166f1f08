"""Templates: each sealed under its person's key and bound to the random id, place and engine."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, func, insert, select

from edge.store.sealing import lock_away, take_out
from edge.store.tables import template
from models.template import Template


def put(connection: Connection, face: str, key: bytes, templates: Sequence[Template]) -> None:
    """Seal and write templates of one face, after those that it has."""
    last = select(func.max(template.c.ordinal)).where(template.c.face == face)
    highest = connection.execute(last).scalar_one()
    first = 0 if highest is None else highest + 1
    for ordinal, one in enumerate(templates, start=first):
        nonce, box = lock_away(key, one.vector, _about(face, ordinal, one.engine))
        connection.execute(
            insert(template),
            {"face": face, "ordinal": ordinal, "engine": one.engine, "nonce": nonce, "box": box},
        )


def opened(connection: Connection, keys: Mapping[str, bytes]) -> dict[str, tuple[Template, ...]]:
    """Return every template whose key is there and fits, by face; a changed row is left out."""
    found: dict[str, tuple[Template, ...]] = {}
    for row in connection.execute(select(template).order_by(template.c.face, template.c.ordinal)):
        key = keys.get(row.face)
        if key is None:
            continue
        vector = take_out(key, row.nonce, row.box, _about(row.face, row.ordinal, row.engine))
        if vector is not None:
            found[row.face] = (*found.get(row.face, ()), Template(row.engine, vector))
    return found


def faces(connection: Connection) -> set[str]:
    """Return the random id of every face that has a row."""
    return set(connection.execute(select(template.c.face).distinct()).scalars())


def destroy(connection: Connection, face: str) -> None:
    """Delete the templates of one face."""
    connection.execute(delete(template).where(template.c.face == face))


def forget_learnt(connection: Connection, face: str, spare: int = 0) -> None:
    """Delete what one face learnt of passages, but for the newest `spare`."""
    learnt = template.c.engine.startswith(Template.of_passage("", b"").engine)
    rows = select(template.c.ordinal).where(template.c.face == face, learnt)
    ordinals = sorted(connection.execute(rows).scalars())
    old = ordinals[: max(0, len(ordinals) - spare)]
    chosen = delete(template).where(template.c.face == face, template.c.ordinal.in_(old))
    connection.execute(chosen)


def _about(face: str, ordinal: int, engine: str) -> bytes:
    return f"{face}\n{ordinal}\n{engine}".encode()
