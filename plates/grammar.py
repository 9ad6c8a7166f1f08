"""The grammar: which texts a country's plates can have, out of a table such as grammars/cn.toml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.errors import ConfigError
from models.plate import Ground, PlateKind

_COLOURED = frozenset({Ground.BLUE, Ground.GREEN, Ground.YELLOW})


@dataclass(frozen=True, slots=True)
class Form:
    """One form of plate: which symbols each place may hold, and its kind by its ground."""

    places: tuple[frozenset[str], ...]
    kinds: Mapping[Ground, PlateKind]
    otherwise: PlateKind
    """The kind where the ground is unsure or contradicts the form."""

    def fits(self, text: str) -> bool:
        """Return whether `text` is of this form."""
        return len(text) == len(self.places) and all(
            symbol in place for symbol, place in zip(text, self.places, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Grammar:
    """Every form of one country; `symbols` are all that they use, each once."""

    country: str
    forms: tuple[Form, ...]
    separators: str = ""
    symbols: str = field(init=False)
    _allowed: tuple[Mapping[str, int], ...] = field(init=False, repr=False, compare=False)
    """For each place, the forms (bits) that allow a symbol there."""

    def __post_init__(self) -> None:
        every = {symbol for form in self.forms for place in form.places for symbol in place}
        object.__setattr__(self, "symbols", "".join(sorted(every)))
        allowed: list[dict[str, int]] = [{} for _ in range(max(len(f.places) for f in self.forms))]
        for number, form in enumerate(self.forms):
            for place, symbols in enumerate(form.places):
                for symbol in symbols:
                    allowed[place][symbol] = allowed[place].get(symbol, 0) | 1 << number
        object.__setattr__(self, "_allowed", tuple(allowed))

    def bare(self, text: str) -> str:
        """Return `text` without separators."""
        return "".join(symbol for symbol in text if symbol not in self.separators)

    def valid(self, text: str) -> bool:
        """Return whether `text`, without separators, is a plate of this country."""
        return any(form.fits(text) for form in self.forms)

    @property
    def every(self) -> int:
        """One bit for each form: what a text without symbols may still become."""
        return (1 << len(self.forms)) - 1

    def onward(self, forms: int, place: int, symbol: str) -> int:
        """Return which of `forms` (bits) allow `symbol` at `place` (0 and up)."""
        return forms & self._allowed[place].get(symbol, 0) if place < len(self._allowed) else 0

    def kind(self, text: str, ground: Ground) -> PlateKind:
        """Return the kind of a valid text on a ground; PlateKind.OTHER for any other text."""
        fitting = [form for form in self.forms if form.fits(text)]
        for form in fitting:
            if ground in form.kinds:
                return form.kinds[ground]
        return fitting[0].otherwise if fitting else PlateKind.OTHER

    def agrees(self, text: str, ground: Ground) -> bool:
        """Return whether a plate with this text may have this ground.

        Only a colour can contradict a text: any plate looks white or black in infrared light.
        """
        return ground not in _COLOURED or any(
            ground in form.kinds for form in self.forms if form.fits(text)
        )


def grammar(table: Mapping[str, Any]) -> Grammar:
    """Return the grammar that a table describes.

    Raises ConfigError naming what is missing or wrong in it.
    """
    try:
        classes = {name: frozenset(symbols) for name, symbols in table["classes"].items()}
        forms = tuple(_form(entry, classes) for entry in table["form"])
        if not forms or not all(form.places and all(form.places) for form in forms):
            message = "it has no form, or one with an empty place or class"
            raise ValueError(message)  # noqa: TRY301 - one way out for everything wrong
        return Grammar(str(table["country"]), forms, str(table.get("separators", "")))
    except KeyError as error:
        message = f"the grammar file has no {error.args[0]!r}; see plates/grammars/cn.toml"
        raise ConfigError(message) from error
    except (ValueError, AttributeError, TypeError) as error:
        message = f"the grammar file is wrong: {error}; see plates/grammars/cn.toml"
        raise ConfigError(message) from error


def _form(entry: Mapping[str, Any], classes: Mapping[str, frozenset[str]]) -> Form:
    sequence: Sequence[str] = entry["sequence"]
    kinds = {Ground(ground): PlateKind(kind) for ground, kind in entry.get("kinds", {}).items()}
    otherwise = PlateKind(entry.get("otherwise", PlateKind.OTHER))
    return Form(tuple(classes[name] for name in sequence), kinds, otherwise)
