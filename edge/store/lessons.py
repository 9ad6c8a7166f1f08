"""Lessons: what the rows of the journal teach about faces, once a guard has looked at them."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from edge.store import consents, learning, mistakes
from edge.store.opening import Parts
from models.moment import Moment
from models.registry import Consent
from models.template import Template


class Lessons:
    """Keeps and ends what is learnt, one at a time with whatever else changes a face.

    `turn` is held while a face changes; `face_of` returns where a resident's templates lie.
    """

    def __init__(
        self,
        parts: Parts,
        turn: AbstractContextManager[object],
        face_of: Callable[[str], str | None],
    ) -> None:
        self._parts = parts
        self._turn = turn
        self._face_of = face_of

    def allow(self, resident_id: str, consent: Consent, now: Moment) -> None:
        """Write down a resident's consent that confirmed passages are learnt from.

        Raises InputError for an unknown resident, or one who is not known by face.
        """
        with self._turn:
            learning.allow(self._parts, resident_id, consent, now)

    def end(self, resident_id: str, by: str, now: Moment) -> None:
        """End that consent and destroy what was learnt; raises InputError for an unknown one."""
        with self._turn:
            learning.end(self._parts, (resident_id, self._face_of(resident_id)), by, now)

    def of(self, seq: int) -> learning.Lesson:
        """Return whose passage row `seq` is, where that may be learnt from.

        Raises InputError where the row is no such passage, or the resident has not agreed.
        """
        return self._parts.reads(lambda connection: learning.lesson(connection, seq))

    def keep(self, seq: int, templates: Sequence[Template], by: str, now: Moment) -> None:
        """Keep templates of row `seq`, which `by` confirmed; raises InputError like `of`."""
        with self._turn:
            learning.keep(self._parts, self.of(seq), templates, by, now)

    def not_that_person(
        self, seq: int, templates: Sequence[Template], by: str, now: Moment
    ) -> None:
        """Keep faces that row `seq` took for a resident, so that they are not taken again.

        Raises InputError where the row names nobody by face, or too many are kept already.
        """
        with self._turn:
            named = self._parts.reads(lambda connection: mistakes.named_by(connection, seq))
            mistakes.keep(self._parts, named, templates, by, now)

    def learners(self) -> frozenset[str]:
        """Return the ids of those whose passages may be learnt from."""
        return self._parts.reads(consents.learners)
