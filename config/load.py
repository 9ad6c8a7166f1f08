"""Loading a site file: settings, or one error that names file, key and what was expected."""

import difflib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

from config.settings import Settings
from models.errors import ConfigError

Table = TypeVar("Table", bound=BaseModel)


def load(path: Path) -> Settings:
    """Return the settings of the site file at `path`, overridden by the environment.

    Relative paths inside the file are taken from the file's folder.
    Raises ConfigError when the file cannot be read or a key is unknown, missing or wrong.
    """
    tables = _tables(path)

    class SiteFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is the library's
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is the library's
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is the library's
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (env_settings, InitSettingsSource(settings_cls, tables))

    try:
        read = SiteFile()  # type: ignore[call-arg] # the sources fill it
    except ValidationError as error:
        raise ConfigError("\n".join(_lines(path, error))) from error
    # A plain Settings travels to other processes; the class above is known to this one only.
    plain = Settings.model_construct(**{key: getattr(read, key) for key in Settings.model_fields})
    return _anchored(plain, path.parent.resolve())


def secret(inline: SecretStr | None, file: Path | None) -> str | None:
    """Return a secret given in the site file or in a file of its own, or None.

    Raises ConfigError when the named file cannot be read.
    """
    if inline is not None:
        return inline.get_secret_value()
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        message = f"{file}: the secret cannot be read ({error.strerror})"
        raise ConfigError(message) from error
    except UnicodeDecodeError as error:
        message = f"{file}: the secret is not text; write it in UTF-8, on one line"
        raise ConfigError(message) from error


def _tables(path: Path) -> dict[str, Any]:
    try:
        # Notepad puts a mark before the first letter, which is no part of it.
        tables = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
        where = _nul(tables)
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror}); give the site file by --config"
        raise ConfigError(message) from error
    except RecursionError as error:
        message = f"{path}: has brackets or dots nested deeper than any site file; take them out"
        raise ConfigError(message) from error
    # Beside what tomllib names by itself: a number of five thousand digits, and no UTF-8.
    except ValueError as error:
        message = f"{path}: is not TOML: {error}"
        raise ConfigError(message) from error
    if where is not None:
        message = f"{path}: {where}: holds a NUL character, which no name or path can; take it out"
        raise ConfigError(message)
    return tables


def _nul(value: object, where: str = "") -> str | None:
    """Return where in `value` a text holds a NUL, or None."""
    if isinstance(value, str):
        return where if "\0" in value else None
    inner: Iterable[tuple[object, object]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    places = (_nul(each, f"{where}.{key}".lstrip(".")) for key, each in inner)
    return next((place for place in places if place is not None), None)


def _anchored(table: Table, folder: Path) -> Table:
    """Return `table` with every relative path made absolute from `folder`."""
    changed: dict[str, Any] = {}
    for key in type(table).model_fields:
        value = getattr(table, key)
        if isinstance(value, Path):
            changed[key] = folder / value
        elif isinstance(value, BaseModel):
            changed[key] = _anchored(value, folder)
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            changed[key] = tuple(_anchored(item, folder) for item in value)
        elif key == "source" and isinstance(value, str):
            changed[key] = _anchored_source(value, folder)
    return table.model_copy(update=changed)


def _anchored_source(source: str, folder: Path) -> str:
    kind, colon, rest = source.partition(":")
    return f"{kind}:{folder / rest}" if colon and kind in {"file", "folder"} else source


def _lines(path: Path, error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in problem["loc"]) or "the file"
        line = f"{path}: {where}: {problem['msg']}"
        if problem["type"] == "extra_forbidden":
            line = f"{path}: {where}: no such key"
            near = difflib.get_close_matches(str(problem["loc"][-1]), _keys(problem["loc"]), n=1)
            if near:
                line += f"; did you mean {near[0]!r}?"
        lines.append(line)
    return lines


def _keys(where: tuple[int | str, ...]) -> list[str]:
    """Return the keys allowed beside the last part of `where`."""
    table: type[BaseModel] = Settings
    for part in where[:-1]:
        if isinstance(part, int):
            continue
        field = table.model_fields.get(part)
        inner = _table_in(field.annotation) if field is not None else None
        if inner is None:
            return []
        table = inner
    return list(table.model_fields)


def _table_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _table_in(inner)
        if found is not None:
            return found
    return None
