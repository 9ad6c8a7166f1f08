"""A site file of any bytes: settings, or one error that names the file."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from config.load import load, secret
from config.settings import Settings
from models.errors import ConfigError
from tests.fuzz.targets import in_words

_SITE = b'[site]\ncompound = "00112233"\n'


@cache
def _folder() -> Path:
    made = Path(tempfile.mkdtemp(prefix="site-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def feed(data: bytes) -> None:
    """Feed the rest of `data` as a site file: after a sound `[site]` where it begins with `s`."""
    path = _folder() / "site.toml"
    path.write_bytes(_SITE + data[1:] if data[:1] == b"s" else data)
    try:
        settings = load(path)
    except ConfigError as error:
        in_words(error, f"{path}: ")
    else:
        assert type(settings) is Settings
        assert settings.site.state.is_absolute()
        assert "\0" not in str(settings.site.state)
        for lane in settings.lane:
            assert lane.lane().number == lane.number
    try:
        text = secret(None, path)
    except ConfigError as error:
        in_words(error, f"{path}: ")
    else:
        assert text is not None
