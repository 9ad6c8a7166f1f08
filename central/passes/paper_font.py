"""The one type of pictures and sheets: Noto Sans SC, out of the package that carries it."""

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from models.errors import ConfigError

_PACKAGE: Final = "pylopdf-fonts-zh-cn"
_FILE: Final = "pylopdf_fonts_zh_cn/NotoSansSC-Regular.otf"


@cache
def font_file() -> Path:
    """Return the font's file; raises ConfigError where its package is not installed."""
    try:
        found = Path(str(distribution(_PACKAGE).locate_file(_FILE)))
    except PackageNotFoundError as error:
        message = f"{_PACKAGE} is not installed; run `./setup`"
        raise ConfigError(message) from error
    if not found.is_file():
        message = f"{found} is missing; install {_PACKAGE} again"
        raise ConfigError(message)
    return found
