import pickle
from pathlib import Path

import pytest

from config.load import load, secret
from models.errors import ConfigError

SITE = """
[site]
name = "跨湖家园"
compound = "00112233"

[[camera]]
id = "cam1"
source = "rtsp://10.0.0.5/Streaming/Channels/102"
user = "viewer"
password_file = "cam1.secret"

[[camera]]
id = "pics"
source = "folder:pictures"

[[relay]]
name = "gate-1"

[[lane]]
number = 1
name = "1号门"
relay = "gate-1"
drive = "open_close"
presence = ["loop", "beam"]

[[lane.view]]
camera = "cam1"
looks = ["face", "code"]
roi = [0.1, 0.0, 0.9, 1.0]
"""


_CARS = 'number = 1\nkind = "vehicle"\ncredentials = ["pass", "plate"]\n{}'


def write(folder: Path, text: str = SITE) -> Path:
    path = folder / "site.toml"
    path.write_text(text, "utf-8")
    return path


def complaint(folder: Path, old: str, new: str) -> str:
    assert old in SITE
    path = write(folder, SITE.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_sound_file_loads_with_paths_from_its_own_folder(tmp_path: Path) -> None:
    settings = load(write(tmp_path))
    assert settings.site.state == tmp_path / "state"
    assert settings.camera[0].password_file == tmp_path / "cam1.secret"
    assert settings.camera[1].source == f"folder:{tmp_path / 'pictures'}"
    assert settings.lane[0].view[0].camera == "cam1"


def test_settings_travel_to_another_process(tmp_path: Path) -> None:
    settings = load(write(tmp_path))
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUAHU_WEB__PORT", "9999")
    monkeypatch.setenv("KUAHU_SITE__NAME", "东门")
    settings = load(write(tmp_path))
    assert (settings.web.port, settings.site.name) == (9999, "东门")
    assert settings.site.compound == "00112233"


def test_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    said = complaint(tmp_path, "compound =", "compuond =")
    assert "site.compuond: no such key; did you mean 'compound'?" in said
    said = complaint(tmp_path, 'looks = ["face", "code"]', 'loks = ["face", "code"]')
    assert "lane.0.view.0.loks: no such key; did you mean 'looks'?" in said
    said = complaint(tmp_path, "[[relay]]", "[[relais]]")
    assert "relais: no such key; did you mean 'relay'?" in said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('compound = "00112233"', 'compound = "zz"', "site.compound"),
        ("number = 1", "number = 64", "not within 1 to 63"),
        ("number = 1", 'number = 1\ncredentials = ["face"]', "face as its only way in"),
        ("number = 1", "number = 1\nmax_age = 60.0", "not within 0 to 10"),
        ('presence = ["loop", "beam"]', "", "needs presence inputs"),
        ('camera = "cam1"\nlooks', 'camera = "cam9"\nlooks', "not a [[camera]]"),
        ('relay = "gate-1"\ndrive', 'relay = "gate-9"\ndrive', "not a [[relay]]"),
        ('id = "pics"', 'id = "cam1"', "camera id cam1 stands more than once"),
        ("rtsp://10", "rtsp://me:pw@10", "write them as user and password"),
        ("rtsp://10", "gopher://10", "is none of kiosk"),
        ("roi = [0.1, 0.0, 0.9, 1.0]", "roi = [0.9, 0.0, 0.1, 1.0]", "fractions within 0..1"),
        ('looks = ["face", "code"]', 'direction = "exit"', "a view looks at exit"),
        ('looks = ["face", "code"]', 'looks = ["face"]', "face would be the only way"),
        ("number = 1", 'number = 1\ncredentials = ["face", "remote"]', "remote cannot be read"),
        ("number = 1", _CARS.format(""), "can be held up by hand"),
        ("number = 1", _CARS.format('vehicle = ["beam"]'), "tripped by people too"),
        ("number = 1", 'number = 1\ncredentials = ["pass", "plate"]', "of kind vehicle"),
        ('looks = ["face", "code"]', 'looks = ["code", "plate"]', "open nothing here"),
        ('name = "gate-1"', 'name = "gate-1"\n[[reader]]\nname = "r1"\nlane = 1', "no card or pin"),
        (
            "number = 1",
            'number = 1\ncredentials = ["pass"]\nliveness = "passive"',
            "must not seem safer than it is",
        ),
        ("Channels/102", "ch?user=admin&password=x", "write them as user and password"),
        ('name = "gate-1"', 'name = "gate_1"', "relay.0.name"),
        ("[site]", "[web]\nhost = '0.0.0.0'\n[site]", "needs certificate and key"),
        ("[site]", "[site]\ntimezone = 'Asia/Zhuji'", "site.timezone"),
        ("[site]", "[site", "is not TOML"),
    ],
)
def test_malformed_files_say_where_and_what(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert words in complaint(tmp_path, old, new)


def test_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "nowhere.toml")


def test_passwords_never_show(tmp_path: Path) -> None:
    text = SITE.replace('password_file = "cam1.secret"', 'password = "hunter2-planted"')
    settings = load(write(tmp_path, text))
    assert "hunter2-planted" not in repr(settings)
    assert secret(settings.camera[0].password, None) == "hunter2-planted"


def test_secret_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("word\n", "utf-8")
    assert secret(None, tmp_path / "s") == "word"
    assert secret(None, None) is None
    with pytest.raises(ConfigError, match="cannot be read"):
        secret(None, tmp_path / "none")
