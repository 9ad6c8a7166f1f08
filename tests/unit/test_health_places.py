"""Every ailment is on the page, in /metrics, in the log and in the doctor: a place missed fails."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge import wire
from edge.ailment import ELSEWHERE_LOGGED, NOTICES, Ailment
from edge.core.status import PATIENCE
from edge.doctor import Finding, as_core_sees, examine_site
from edge.jobs import CORE, VISION
from edge.places import Places
from edge.supervisor import Child
from edge.web.pages import _environment
from edge.web.rows import fault_view
from edge.web.words import Language, read_words
from tests.fakes.ailing_site import STAGES, AilingSite
from tests.fakes.places_of_health import SETTINGS, journal, metrics
from tests.nemesis.ailments import PAGE
from tests.nemesis.ailments import page as ailments_page

WORDS = read_words()


def page(site: wire.Site | None, language: Language, *, up: bool = True) -> str:
    words = WORDS[language]
    shown = site if up else None
    faults = tuple(fault_view(f, words, ZoneInfo("UTC")) for f in shown.faults) if shown else ()
    template = _environment(words, "x").get_template("faults.html")
    return template.render(faults=faults, notices=shown.notices if shown else (), up=up)


def said(written: io.StringIO, ailment: Ailment) -> list[dict[str, object]]:
    """Return the records of one ailment."""
    records = [json.loads(line) for line in written.getvalue().splitlines()]
    return [record for record in records if record.get("state") == ailment]


def of(findings: Iterator[Finding], ailment: Ailment) -> list[Finding]:
    return [one for one in findings if one.ailment == ailment]


@pytest.mark.parametrize("ailment", [one for one in Ailment if one is not Ailment.CORE_AWAY])
def test_each_ailment_is_in_all_four_places(ailment: Ailment) -> None:
    with journal() as written:
        well = AilingSite()
        before = well.live(1)
        assert ailment not in {one.ailment for one in before.faults} | set(before.notices)
        assert f'state="{ailment}"}} 1.0' not in metrics(before)
        assert written.getvalue() == "", "nothing is said of a site that is well"
        STAGES[ailment](well)
        site = well.live(PATIENCE.get(ailment, 0.0) + 4)
    for language in Language:
        text = page(site, language)
        assert f'data-ailment="{ailment}"' in text
        headline = WORDS[language].of("fault", ailment)
        assert headline != ailment
        if language is Language.ZH and ailment not in NOTICES:
            assert headline in text
            assert WORDS[language].of("advice", ailment) in text
    lines = [line for line in metrics(site).splitlines() if f'state="{ailment}"' in line]
    assert lines
    assert all(line.startswith("kuahu_ailment{") and line.endswith(" 1.0") for line in lines)
    assert 'part=""' not in "".join(lines)
    (found, *_) = of(as_core_sees(site), ailment)
    assert found.ok is (ailment in NOTICES)
    assert found.advice or ailment in NOTICES
    if ailment not in ELSEWHERE_LOGGED:
        (record,) = [one for one in said(written, ailment) if one["event"] == "outage_begins"]
        assert record["level"] == ("info" if ailment in NOTICES else "warning")


def test_a_core_that_is_away_is_in_all_four_places(tmp_path: Path) -> None:
    last = AilingSite().live(1)
    for language in Language:
        assert 'data-ailment="core_away"' in page(last, language, up=False)
    text = metrics(last, up=False)
    assert 'kuahu_ailment{part="core",state="core_away"} 1.0' in text
    assert "kuahu_up 0.0" in text
    first = next(examine_site(SETTINGS, Places(tmp_path)))
    assert (first.ailment, first.ok) == (Ailment.CORE_AWAY, False)
    with journal() as written:
        Child(CORE, SETTINGS, tmp_path)._tell(1.0, wrong=True)
    (record,) = said(written, Ailment.PROCESS_RESTARTED)
    assert record["part"] == "process core"


def test_what_core_told_before_it_went_is_not_told_as_true(tmp_path: Path) -> None:
    del tmp_path
    ill = AilingSite()
    STAGES[Ailment.DISK_FULL](ill)
    text = metrics(ill.live(1), up=False)
    assert "disk_full" not in text
    assert "kuahu_barrier_state" not in text


def test_a_process_that_falls_again_and_again_is_complained_of_once(tmp_path: Path) -> None:
    child = Child(VISION, SETTINGS, tmp_path)
    with journal() as written:
        for turn in range(50):
            child._tell(float(turn), wrong=turn % 3 == 0)
        for turn in range(50, 200):
            child._tell(float(turn), wrong=False)
    begins, ends = said(written, Ailment.PROCESS_RESTARTED)
    assert (begins["event"], begins["part"]) == ("outage_begins", "process vision")
    assert (ends["event"], ends["seconds"], ends["flaps"]) == ("outage_over", 49.0, 16)


def test_an_outage_is_one_warning_at_its_beginning_and_one_at_its_end() -> None:
    site = AilingSite()
    with journal() as written:
        for _ in range(3):
            site.compound.relays.broker_up = False
            site.live(4)
            site.compound.relays.broker_up = True
            site.live(2)
        site.live(8)
    begins, ends = said(written, Ailment.BROKER_AWAY)
    assert begins["event"] == "outage_begins"
    assert ends["event"] == "outage_over"
    assert ends["flaps"] == 2
    assert 13.0 <= float(str(ends["seconds"])) <= 18.0


def test_every_ailment_has_a_stage() -> None:
    assert set(STAGES) == set(Ailment) - {Ailment.CORE_AWAY}


def test_the_page_of_ailments_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == ailments_page(), "run python -m tests.nemesis.ailments"
