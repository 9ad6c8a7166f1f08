"""Plate engines: the reader that a site's settings name, its networks proved and ready."""

import tomllib
from importlib.resources import files
from pathlib import Path

from config.weights import weight_files
from models.errors import ConfigError
from plates.corner_detector import CornerDetector
from plates.eye import EyeRules, PlateEye
from plates.grammar import Grammar, grammar
from plates.line_reader import MaskedReader
from recognition.weights import read_weights


def load_plates(
    weights: Path | None = None, country: Path | None = None, rules: EyeRules | None = None
) -> PlateEye:
    """Return the plate reader, its networks proved by an inference each.

    `weights` is the folder of unpacked weights where it is not the usual one, `country` another
    country's grammar file. Raises RecogniserFault for weights that are missing, wrong or broken,
    and ConfigError for a grammar file that cannot be used.
    """
    found = weight_files("plates", weights)
    known = load_grammar(country)
    detector = CornerDetector(read_weights(found["detector"]))
    reader = MaskedReader(read_weights(found["reader"]), known.symbols)
    return PlateEye(detector, reader, known, rules)


def load_grammar(country: Path | None = None) -> Grammar:
    """Return the grammar in the file `country`, by default that of mainland China.

    Raises ConfigError when the file cannot be read or used.
    """
    try:
        if country is None:
            text = files("plates").joinpath("grammars/cn.toml").read_text(encoding="utf-8")
        else:
            text = country.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as error:
        message = f"{country}: the grammar file cannot be read ({error.strerror})"
        raise ConfigError(message) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{country}: the grammar file is not TOML: {error}"
        raise ConfigError(message) from error
    return grammar(table)
