"""The staff who log in at the guard's desk."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from edge.store.body import clock_text
from edge.store.tables import account
from models.errors import InputError
from models.user import Role, User


def add(connection: Connection, user: User, at: datetime) -> None:
    """Write a new user; raises InputError for an empty or a taken name."""
    if not user.name.strip():
        message = "a user needs a name"
        raise InputError(message)
    if one(connection, user.name) is not None:
        message = f"the user {user.name!r} is there already; `kuahu user reset` sets a password"
        raise InputError(message)
    connection.execute(
        insert(account),
        {
            "name": user.name,
            "role": user.role.value,
            "password_hash": user.password_hash,
            "added": clock_text(at),
        },
    )


def set_password(connection: Connection, name: str, password_hash: str) -> None:
    """Change a user's password; raises InputError for nobody's name."""
    done = connection.execute(
        update(account).where(account.c.name == name).values(password_hash=password_hash)
    )
    if done.rowcount == 0:
        message = f"no user {name!r}; `kuahu user list` shows them"
        raise InputError(message)


def remove(connection: Connection, name: str) -> None:
    """Delete a user; raises InputError for nobody's name, and for the last manager's."""
    user = one(connection, name)
    if user is None:
        message = f"no user {name!r}; `kuahu user list` shows them"
        raise InputError(message)
    if user.role is Role.MANAGER and sum(u.role is Role.MANAGER for u in all_of(connection)) == 1:
        message = f"{name!r} is the last manager; make another with `kuahu user add` first"
        raise InputError(message)
    connection.execute(delete(account).where(account.c.name == name))


def all_of(connection: Connection) -> tuple[User, ...]:
    """Return every user by name."""
    rows = connection.execute(select(account).order_by(account.c.name))
    return tuple(User(row.name, Role(row.role), row.password_hash) for row in rows)


def one(connection: Connection, name: str) -> User | None:
    """Return one user, or None."""
    row = connection.execute(select(account).where(account.c.name == name)).first()
    return None if row is None else User(row.name, Role(row.role), row.password_hash)
