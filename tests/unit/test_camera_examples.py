"""The example sites load as they are, and hold no password."""

from pathlib import Path

import pytest

from config.load import load

_CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.mark.parametrize(
    ("name", "substream"),
    [
        ("hikvision.example.toml", "/Streaming/Channels/102"),
        ("dahua.example.toml", "/cam/realmonitor?channel=1&subtype=1"),
    ],
)
def test_an_example_is_a_whole_site_on_substreams(name: str, substream: str) -> None:
    settings = load(_CONFIG / name)
    assert len(settings.camera) == 2
    for camera in settings.camera:
        assert camera.source.endswith(substream)
        assert camera.user == "kuahu"
        assert camera.password is None
        assert camera.password_file == _CONFIG / "secrets" / "cameras"
    viewed = {view.camera for lane in settings.lane for view in lane.view}
    assert viewed == {camera.id for camera in settings.camera}
