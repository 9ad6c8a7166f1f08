"""The page of ailments: what each is called, where it is told, and which tests bring it about.

`python -m tests.nemesis.ailments` writes docs/health.md. tests/unit/test_health_places.py brings
about every one of them and looks for it in all four places; `FOR_REAL` names tests that do the
same to real processes, files, brokers and cameras.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from edge.ailment import ELSEWHERE_LOGGED, NOTICES, Ailment
from edge.web.words import LOCALE, Language
from tests.nemesis.faults import ROOT, named

PAGE = ROOT / "docs" / "health.md"

_DISK = "integration/test_fault_disk.py::"
_OPENING = "integration/test_store_opening.py::"
_SPLIT = "integration/test_fault_split.py::test_each_link_that_is_cut_is_named_and_no_other"
_DOCTOR = (
    "integration/test_doctor.py::"
    "test_dead_eyes_and_a_dead_broker_are_on_the_page_and_the_guard_is_told_what_to_do"
)
_MEMORY = (
    "integration/test_fault_memory.py::"
    "test_one_that_runs_out_of_memory_is_started_again_and_the_doors_go_on"
)
_WATCH = "unit/test_camera_watch.py::"
_VISION = "integration/test_vision_faults.py::"
_UPLINK = "integration/test_centre_uplink.py::"
_USES = "integration/test_uses_shared.py::"
_BARRIER = "unit/test_gate_barrier.py::"

FOR_REAL: dict[Ailment, tuple[str, ...]] = {
    Ailment.CORE_AWAY: (
        "integration/test_web_metrics.py::test_while_core_is_away_that_is_what_it_says",
        "integration/test_web_desk.py::test_a_core_that_hangs_is_said_to_be_away",
    ),
    Ailment.PROCESS_RESTARTED: (_MEMORY,),
    Ailment.BROKER_AWAY: (_SPLIT, _DOCTOR),
    Ailment.RELAY_AWAY: (_SPLIT,),
    Ailment.BARRIER_HELD_FIRE: (
        f"{_BARRIER}test_fire_opens_from_every_state_and_blocks_every_close_until_a_guard_resets",
    ),
    Ailment.SENSOR_STALE: (f"{_BARRIER}test_an_input_that_has_gone_silent_counts_as_somebody",),
    Ailment.SENSOR_FLAPPING: (
        "unit/test_gate_flapping.py::test_nothing_is_closed_between_two_bursts_of_a_flapping_input",
    ),
    Ailment.STORE_FAILING: (f"{_DISK}test_core_outlives_a_disk_that_fails_for_a_while",),
    Ailment.STORE_FULL: (f"{_DISK}test_core_outlives_a_full_disk_without_a_restart",),
    Ailment.STORE_RESTORED: (
        f"{_DISK}test_a_spoilt_register_is_replaced_at_start_and_strangers_stay_outside",
        f"{_OPENING}test_a_damaged_register_is_replaced_by_its_backup",
    ),
    Ailment.VISION_AWAY: (_DOCTOR,),
    Ailment.ENGINE_OFF: (f"{_VISION}test_wrong_weights_switch_faces_off_and_leave_codes_on",),
    Ailment.CAMERA_AWAY: (
        "integration/test_camera_rtsp.py::test_a_server_that_dies_is_away_and_found_again",
    ),
    Ailment.CAMERA_SILENT: (
        f"{_WATCH}test_a_camera_without_a_picture_for_two_seconds_is_silent",
        "integration/test_camera_rtsp.py::test_a_server_that_falls_silent_is_noticed_and_found_again",
    ),
    Ailment.CLOCK_DOUBTED: ("unit/test_clock.py::test_a_clock_behind_the_floor_tells_the_floor",),
    Ailment.CENTRE_AWAY: (_SPLIT,),
    Ailment.CENTRE_QUARANTINE: (f"{_UPLINK}test_a_poison_row_is_put_aside_and_the_others_arrive",),
    Ailment.CENTRE_FORK: (f"{_UPLINK}test_a_fork_is_put_aside_and_stays_here",),
    Ailment.CENTRE_STRANGER: (
        "unit/test_sync_session.py::test_a_revoked_edge_is_told_what_to_do_and_is_let_in_after_a_new_claim",
    ),
    Ailment.CENTRE_BEHIND: (
        "integration/test_store_exchange.py::test_another_epoch_begins_at_nothing_and_a_centre_from_a_copy_is_told_again",
    ),
    Ailment.USES_BROKER_AWAY: (
        _SPLIT,
        f"{_USES}test_a_broker_that_is_away_is_told_until_it_is_back",
    ),
    Ailment.USES_UNHEARD: (
        f"{_USES}test_a_machine_that_falls_silent_is_named_until_it_is_heard_again",
    ),
    Ailment.CENTRE_REFUSED: (
        "integration/test_told_desk.py::test_what_cannot_be_used_holds_up_nothing_else",
    ),
}

ALONE = frozenset(
    {
        *(Ailment.CORE_AWAY, Ailment.BROKER_AWAY, Ailment.RELAY_AWAY),
        *(Ailment.CAMERA_AWAY, Ailment.CAMERA_FROZEN, Ailment.CAMERA_BLACK),
        *(Ailment.CAMERA_SLOW, Ailment.CAMERA_SIZE, Ailment.ENGINE_OFF, Ailment.CLOCK_DOUBTED),
        *(Ailment.STORE_FAILING, Ailment.STORE_RESTORED),
        *(Ailment.DISK_FILLING, Ailment.DISK_NEARLY_FULL, Ailment.DISK_FULL),
        *(Ailment.CENTRE_QUARANTINE, Ailment.CENTRE_FORK),
        *(Ailment.OWN_ISSUER, Ailment.WEAK_RELAY),
    }
)
"""What `kuahu doctor` finds while the gate program is not running."""

HEAD = """\
# Health: every ailment, and where it is told

Made by `python -m tests.nemesis.ailments`; a test holds this page to the programs. Each ailment has
one word (`edge/ailment.py`), and is told in four places:

- **page**: the guard's desk, "State of the site", in the words below, with what to do;
- **figures**: `kuahu_ailment{state="WORD",part="PART"} 1` at `/metrics`
  ([operations.md](operations.md), "Figures");
- **log**: `{"event": "outage_begins", "state": "WORD", "part": "PART"}` once, and once
  `{"event": "outage_over", …, "seconds": …, "flaps": …}` when it has been well for five seconds;
- **doctor**: `kuahu doctor` names the word; `alone` where it does so too while the gate program is
  not running.

`tests/unit/test_health_places.py` brings about every one and looks in all four places. Tests that
do it to real processes, files and networks are named.

| word | on the page | log | doctor | also brought about by |
|---|---|---|---|---|
"""


def page() -> str:
    """Return docs/health.md."""
    chinese, english = (_catalogue(language) for language in (Language.ZH, Language.EN))
    rows = []
    for ailment in Ailment:
        log = (
            "supervisor"
            if ailment in ELSEWHERE_LOGGED
            else "info"
            if ailment in NOTICES
            else "warning"
        )
        doctor = "running, alone" if ailment in ALONE else "running"
        if ailment is Ailment.CORE_AWAY:
            doctor = "alone"
        tests = "<br>".join(named(test).text for test in FOR_REAL.get(ailment, ()))
        said = f"{_word(chinese, ailment)} / {_word(english, ailment)}"
        rows.append(f"| `{ailment}` | {said} | {log} | {doctor} | {tests} |\n")
    return HEAD + "".join(rows)


def _catalogue(language: Language) -> Catalog:
    with (LOCALE / f"{language}.po").open("rb") as file:
        return read_po(file, locale=str(language))


def _word(catalogue: Catalog, ailment: Ailment) -> str:
    message = catalogue.get(str(ailment), "fault")
    assert message is not None
    return str(message.string)


if __name__ == "__main__":
    Path(PAGE).write_text(page(), "utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")
