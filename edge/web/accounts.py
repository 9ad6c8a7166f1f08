"""Accounts: passwords are hashed and checked here, so that hashing never slows a door."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from edge import wire
from edge.channel import ChannelFault
from edge.web.callers import Session
from edge.web.link import Link
from edge.web.passwords import fits, hash_password
from edge.web.seal import Seal
from models.user import Role, User

Made = TypeVar("Made")

_RECHECK = 60.0
"""Seconds for which a session's account is believed to be unchanged."""


class Accounts:
    """The guards' accounts, which core keeps."""

    def __init__(self, core: Link, seal: Seal, mono: Callable[[], float]) -> None:
        self._core = core
        self._seal = seal
        self._mono = mono
        # One at a time: a hash takes 64 MiB and most of a core on purpose.
        self._hashing = ThreadPoolExecutor(1, thread_name_prefix="argon2")
        self._decoy: str | None = None
        self._standing: dict[str, float] = {}

    async def check(self, name: str, password: str) -> User | None:
        """Return the user of that name and password, or None; as slow for either mistake.

        Raises ChannelFault when core is away.
        """
        record = await self._core.ask(lambda ref: wire.WhoIs(ref, name), wire.UserIs)
        known = bool(record.password_hash)
        right = await self._in_turn(self._verify, record.password_hash, password)
        if not (known and right):
            return None
        return User(record.name, Role(record.role), record.password_hash)

    async def claim(self, code: str, name: str, password: str) -> None:
        """Make the first account.

        Raises Refused when core does not take the code, ChannelFault when core is away.
        """
        password_hash = await self._in_turn(hash_password, password)
        await self._core.ask(lambda ref: wire.FirstUser(ref, code, name, password_hash), wire.Done)

    async def stands(self, session: Session) -> bool:
        """Return whether a session's account still has that password and role.

        While core is away the signed cookie is believed, so that a guard can go on working.
        """
        seen = self._standing.get(session.nonce)
        if seen is not None and self._mono() - seen < _RECHECK:
            return True
        if self._core.up:
            try:
                record = await self._core.ask(
                    lambda ref: wire.WhoIs(ref, session.name), wire.UserIs, within=1.0
                )
            except ChannelFault:
                return True
            mark = self._seal.fingerprint(record.password_hash)
            if (record.role, mark) != (session.role, session.mark):
                return False
            self._remember(session)
        return True

    def close(self) -> None:
        """Stop hashing."""
        self._hashing.shutdown(wait=False, cancel_futures=True)

    def _remember(self, session: Session) -> None:
        now = self._mono()
        kept = {k: v for k, v in self._standing.items() if now - v < _RECHECK}
        self._standing = {**kept, session.nonce: now}

    async def _in_turn(self, work: Callable[..., Made], *args: str) -> Made:
        return await asyncio.get_running_loop().run_in_executor(self._hashing, work, *args)

    def _verify(self, password_hash: str, password: str) -> bool:
        if self._decoy is None:
            self._decoy = hash_password("nobody's password")
        return fits(password_hash or self._decoy, password)
