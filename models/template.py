"""A template: what an engine remembers of a face, useless to any other engine."""

from dataclasses import dataclass

_NOT = "not "
"""Before the engine's name in a template of somebody else, so that no engine takes it for its own.
"""


_LEARNT = "learnt "
"""Before the engine's name in a template of a passage, which ends with a consent of its own."""


@dataclass(frozen=True, slots=True)
class Template:
    """One face as `engine` sees it: `vector` is unit-length float32, little endian.

    `engine` names the engine and the hash of its weights, so that templates of another engine are
    never compared.
    """

    engine: str
    vector: bytes

    @classmethod
    def of_another(cls, engine: str, vector: bytes) -> "Template":
        """Return the template of a face that was wrongly taken for this resident.

        It is sealed, sent and erased with the resident's own; its engine is `engine` with a word
        before it, so that nothing which knows only templates can compare it as the resident's.
        """
        return cls(_NOT + engine, vector)

    @classmethod
    def of_passage(cls, engine: str, vector: bytes) -> "Template":
        """Return the template of the resident's own face, made of a passage that was confirmed."""
        return cls(_LEARNT + engine, vector)

    @property
    def is_learnt(self) -> bool:
        """Whether it was made of a passage, not of the photo that was handed in."""
        return self.engine.startswith(_LEARNT)

    @property
    def is_anothers(self) -> bool:
        """Whether this is a face that was wrongly taken for the resident."""
        return self.engine.startswith(_NOT)

    @property
    def seen_by(self) -> str:
        """The engine that made it, also of somebody else's and of a passage's."""
        return self.engine.removeprefix(_NOT).removeprefix(_LEARNT)


@dataclass(frozen=True, slots=True)
class Gallery:
    """Every template that may open a lane today, and their version.

    `rows` are (resident id, home, template); several rows may share a resident.
    """

    version: int
    rows: tuple[tuple[str, str, Template], ...]
    second_factor: frozenset[str] = frozenset()
    """The residents who are never asked for a movement."""
