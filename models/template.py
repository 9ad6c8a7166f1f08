"""A template: what an engine remembers of a face, useless to any other engine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """One face as `engine` sees it: `vector` is unit-length float32, little endian.

    `engine` names the engine and the hash of its weights, so that templates of another engine are
    never compared.
    """

    engine: str
    vector: bytes


@dataclass(frozen=True, slots=True)
class Gallery:
    """Every template that may open a lane today, and their version.

    `rows` are (resident id, home, template); several rows may share a resident.
    """

    version: int
    rows: tuple[tuple[str, str, Template], ...]
