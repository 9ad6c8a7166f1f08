"""Faces through the whole daemon: enrolled from photos, shown by a folder camera, journalled."""

import csv
import random
import shutil
import sys
from pathlib import Path

from edge.channel import Refused
from models.event import Event, EventKind
from models.lane import Credential
from tests.fakes.data import need
from tests.fakes.running_site import RunningSite, running, settings_of, wait_until

SEED = 20261121
REPEAT = 8


def faces_shown(site: RunningSite) -> list[Event]:
    decisions = [row for row in site.rows() if row.kind is EventKind.DECISION]
    return [row for row in decisions if row.credential is Credential.FACE]


def labelled(folder: Path, role: str) -> dict[str, Path]:
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["role"] == role]
    return {row["label"]: folder / row["file"] for row in sorted(rows, key=lambda row: row["file"])}


def show(pictures: list[Path], folder: Path) -> None:
    """Lay pictures out in the order in which they are to be shown."""
    folder.mkdir()
    for number, picture in enumerate(pictures):
        shutil.copy(picture, folder / f"{number:03d}{picture.suffix}")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def finished(site: RunningSite) -> bool:
    camera = site.camera("album")
    return camera is not None and camera.state == "ended"


def test_of_20_residents_17_are_named_and_none_misnamed_and_of_50_strangers_none_is(
    tmp_path: Path,
) -> None:
    folder = need("faces")
    chance = random.Random(SEED)
    enrolled, probes = labelled(folder, "enrol"), labelled(folder, "probe")
    drawn = chance.sample(sorted(enrolled.keys() & probes.keys()), 30)
    strangers = chance.sample(sorted(labelled(folder, "impostor").items()), 50)

    album = tmp_path / "album"
    camera = {"id": "album", "source": f"folder:{album}", "repeat": REPEAT, "fps": 8.0}
    settings = settings_of(tmp_path / "state", [camera])
    residents, refused = [], []
    with running(settings_of(tmp_path / "state", [{**camera, "source": "kiosk"}])) as site:
        for number, name in enumerate(drawn, 1):
            if len(residents) == 20:
                break
            try:
                site.add(name, enrolled[name], home=f"1-1-{number}")
            except Refused as why:
                refused.append(str(why))
            else:
                residents.append(name)
    say(f"seed {SEED}: 20 residents enrolled, refused photos: {refused or 'none'}")
    show([probes[name] for name in residents], album)
    with running(settings) as site:
        wait_until(lambda: finished(site), 120, "the end of the residents' album")
        rows = faces_shown(site)
    named = [row.who for row in rows if row.reason == "resident"]
    say(f"named {len(set(named))} of 20; {len(rows)} decisions")
    order = iter(residents)
    assert all(name in order for name in dict.fromkeys(named)), "named out of order: misnamed"
    assert len(set(named)) >= 17

    before = rows[-1].seq
    shutil.rmtree(album)
    show([picture for _, picture in strangers], album)
    with running(settings) as site:
        wait_until(lambda: finished(site), 180, "the end of the strangers' album")
        rows = [row for row in faces_shown(site) if row.seq > before]
    say(f"{len(rows)} decisions about 50 strangers")
    assert {row.reason for row in rows} <= {"unknown_face", "ambiguous_face"}
    assert rows, "strangers are refused in words, not ignored"
