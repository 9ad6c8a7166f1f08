"""The model card: what recognition was measured to do, and what it cannot; model_card.toml, read.

Run as a module it prints docs/model-card.md.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Model:
    """One file of weights."""

    engine: str
    part: str
    package: str
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """The score over which a face is named, with so many enrolled photos."""

    engine: str
    photos: int
    score: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One error rate: `what` is its key in `kuahu eval`; `lo` to `hi` are 95 %; `n` the trials."""

    subject: str
    engine: str
    on: str
    what: str
    value: float
    lo: float
    hi: float
    n: int


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The whole card; `limits` holds each sentence by language, `zh` and `en`."""

    measured: date
    models: tuple[Model, ...]
    thresholds: tuple[Threshold, ...]
    rates: tuple[Measured, ...]
    limits: tuple[Mapping[str, str], ...]


def model_card() -> ModelCard:
    """Return the card of this version."""
    card, weights = _table("model_card.toml"), _table("weights.toml")
    return ModelCard(
        measured=card["measured"],
        models=tuple(
            Model(engine, part, entry["package"], entry["sha256"], entry["licence"])
            for engine, parts in weights.items()
            for part, entry in parts.items()
        ),
        thresholds=tuple(Threshold(**each) for each in card["threshold"]),
        rates=tuple(Measured(**each) for each in card["rate"]),
        limits=tuple(card["limit"]),
    )


def markdown(card: ModelCard) -> str:
    """Return the card as a page of the documentation."""
    lines = [
        "# Model card",
        "",
        "What recognition was measured to do, and what it cannot. The same card is on the guard's",
        'page under "Recognition"; both are made from `config/model_card.toml` and',
        "`config/weights.toml` (`python -m config.model_card > docs/model-card.md`).",
        "",
        f"Measured on {card.measured.isoformat()} with `kuahu eval`; the bounds are 95 %.",
        "",
        "| subject | engine | on | figure | value | bounds | n |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {each.subject} | {each.engine} | {each.on} | `{each.what}` | {each.value:.4f} | "
            f"{each.lo:.4f} to {each.hi:.4f} | {each.n} |"
            for each in card.rates
        ),
        "",
        "## Thresholds",
        "",
        "One stranger's passage in a thousand may be named wrongly (`target_fpir`).",
        "",
        "| engine | enrolled photos | score |",
        "|---|---|---|",
        *(f"| {each.engine} | {each.photos} | {each.score:.3f} |" for each in card.thresholds),
        "",
        "## Known limits",
        "",
        *(f"- {each['en']}" for each in card.limits),
        "",
        "## Weights",
        "",
        "| engine | part | package | licence | sha256 |",
        "|---|---|---|---|---|",
        *(
            f"| {each.engine} | {each.part} | {each.package} | {each.licence} | `{each.sha256}` |"
            for each in card.models
        ),
        "",
    ]
    return "\n".join(lines)


def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads(files("config").joinpath(name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    print(markdown(model_card()), end="")  # noqa: T201 - this is what it is run for
