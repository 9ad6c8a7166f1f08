"""No name, home, plate, code or id of a person reaches a figure or a log line."""

import json
import logging
from dataclasses import replace

import msgspec
import pytest

from edge import wire
from edge.ailment import Ailment
from edge.web.exposition import OTHER
from models.errors import InputError, StoreFault
from models.home import Home
from models.registry import ResidentKind
from tests.fakes.ailing_site import STAGES, AilingSite
from tests.fakes.places_of_health import journal, metrics

NAME = "欧阳娜娜"
PLATE = "粤B12345"
PLANTED = (NAME, PLATE, "3-1-502", "wang", "13800138000")


def lived() -> tuple[AilingSite, tuple[str, ...]]:
    """Return a site that people have used and that ails in many ways, and what tells of them."""
    ill = AilingSite()
    site = ill.compound
    person = site.resident(NAME)
    site.store.add_resident(PLATE, Home(3, 1, 502), ResidentKind.OWNER, None, site.clocks.now())
    token = site.token()
    assert site.show(site.face(1, person)).answer == "opened"
    assert site.show(site.code(token)).answer == "opened"
    assert site.show(site.code(site.token(forged=True))).answer == "refused"
    assert site.show(site.press(1)).answer == "opened"
    for ailment in (Ailment.BARRIER_HELD_FIRE, Ailment.SENSOR_STALE, Ailment.CENTRE_QUARANTINE):
        STAGES[ailment](ill)
    ill.way = replace(ill.way, word="away", complaint=f"the centre answered 422: {NAME} {PLATE}")
    site.shelf.broken = True
    site.show(site.press(1))
    return ill, (*PLANTED, person.resident_id, token, site.store.journal)


def test_no_figure_and_no_log_line_names_a_person() -> None:
    with journal() as written:
        ill, planted = lived()
        told = ill.live(4)
        figures = metrics(told)
        log = written.getvalue()
    assert told.figures.lanes[0].decisions, "people were decided on"
    assert any(NAME in fault.text for fault in told.faults), "a name was there to be found"
    assert "outage_begins" in log
    for place in (figures, log):
        assert [word for word in planted if word in place] == []


def test_an_unknown_word_is_no_label() -> None:
    ill, _ = lived()
    told = ill.live(1)
    lane, camera = told.figures.lanes[0], told.cameras[0]
    lane = msgspec.structs.replace(
        lane,
        decisions=(((NAME, PLATE, NAME), 2), (("face", "open", PLATE), 3)),
        outcomes=(((NAME,), 1),),
        refusals=(((PLATE,), 1),),
        sensors=((NAME, PLATE),),
    )
    spoilt = msgspec.structs.replace(
        told,
        faults=(wire.FaultLine(f"camera {NAME}", NAME, NAME, NAME, PLATE),),
        notices=(NAME,),
        centre=NAME,
        time_trust=NAME,
        cameras=(msgspec.structs.replace(camera, id=NAME, state=PLATE, codec=NAME),),
        figures=msgspec.structs.replace(
            told.figures,
            lanes=(lane,),
            engine=NAME,
            answer=NAME,
            relays=(wire.RelayFigures(NAME, 1, away=True),),
            processes=(wire.ProcessState(NAME, beating=True, restarts=1),),
        ),
    )
    text = metrics(spoilt)
    assert [word for word in (*PLANTED, "欧阳") if word in text] == []
    assert f'state="{OTHER}"' in text
    labels = 'credential="other",lane="1",reason="other",verdict="other"'
    assert f"kuahu_decisions_total{{{labels}}} 2.0" in text


def test_the_sets_of_labels_do_not_grow_with_what_happens() -> None:
    def series(text: str) -> int:
        return len([line for line in text.splitlines() if not line.startswith("#")])

    told = lived()[0].live(1)
    few = series(metrics(told))
    many = tuple((("face", "open", f"reason-{number}"), 1) for number in range(500))
    lane = msgspec.structs.replace(told.figures.lanes[0], decisions=many)
    faults = tuple(
        wire.FaultLine(f"camera c{number}", "", "", "", f"ailment-{number}")
        for number in range(500)
    )
    grown = msgspec.structs.replace(
        told,
        faults=faults,
        figures=msgspec.structs.replace(told.figures, lanes=(lane, *told.figures.lanes[1:])),
    )
    assert series(metrics(grown)) <= few + len(Ailment)


@pytest.mark.parametrize(
    "error", [StoreFault(f"of {NAME}"), InputError(PLATE), ValueError(NAME), OSError(5, NAME)]
)
def test_an_error_is_logged_by_kind_and_place_not_by_its_words(error: Exception) -> None:
    def breaks() -> None:
        raise KeyError(PLATE) from error

    with journal() as written:
        try:
            breaks()
        except KeyError:
            logging.getLogger("kuahu.test").exception("lane %d: something broke", 1)
    (record,) = [json.loads(line) for line in written.getvalue().splitlines()]
    assert record["event"] == "lane 1: something broke"
    assert "in breaks" in record["exception"]
    assert "builtins.KeyError" in record["exception"]
    assert type(error).__name__ in record["exception"]
    assert [word for word in PLANTED if word in written.getvalue()] == []


def test_a_record_carries_nothing_that_is_not_on_the_list() -> None:
    with journal() as written:
        about = {"state": "disk_full", "part": "disk", "who": NAME, "plate": PLATE}
        logging.getLogger("kuahu.test").warning("outage_begins", extra=about)
    record = json.loads(written.getvalue())
    assert record["state"] == "disk_full"
    assert record["level"] == "warning"
    assert record["process"] == "core"
    assert "who" not in record
    assert [word for word in PLANTED if word in written.getvalue()] == []
