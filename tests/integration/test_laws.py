"""Every law of the doors has a test that fails when the law is taken out of the product.

Each row takes one law out of a copy of the source and runs the test that guards it there; the table
in docs/laws.md says the same to people, and is held to this one.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.warm_pytest import WarmPytest, warm_pytest

ROOT = Path(__file__).parents[2]
PARTS = (
    "config",
    "edge",
    "gate",
    "models",
    "mqtt_bridge",
    "recognition",
    "tests",
    "pyproject.toml",
)


@dataclass(frozen=True)
class Law:
    """A law, the line that keeps it, the line without it, and the test that must then fail."""

    law: str
    file: str
    kept: str
    broken: str
    test: str


ACCESS, BARRIER = "tests/unit/test_gate_access.py", "tests/unit/test_gate_barrier.py"
STORY, KINDS = "tests/unit/test_lane_story.py", "tests/unit/test_gate_kinds.py"
CARS, GATE = "tests/unit/test_gate_cars.py", "tests/unit/test_car_lanes.py"
CONFIG = "tests/unit/test_config_load.py"
STANDING, TICKS = "tests/unit/test_lane_standing.py", "tests/unit/test_web_ticks.py"
LEARNING = "tests/unit/test_store_learning.py"
LAWS = (
    Law(
        "nothing late opens",
        "gate/access.py",
        "if not 0 <= age <= facts.lane.max_age:",
        "if False:",
        f"{ACCESS}::test_nothing_late_opens",
    ),
    Law(
        "not even for a guard",
        "gate/access.py",
        "if not 0 <= age <= facts.lane.max_age:",
        "if not isinstance(seen, GuardPressed) and not 0 <= age <= facts.lane.max_age:",
        f"{ACCESS}::test_guard_opens_now_but_not_late",
    ),
    Law(
        "leaving is never refused",
        "gate/access.py",
        "if seen.at.direction is Direction.EXIT and not cars.nobody_leaves(seen, facts):",
        "if False:",
        f"{ACCESS}::test_leaving_is_never_refused",
    ),
    Law(
        "only a lock-down stops an exit",
        "gate/access.py",
        "if facts.locked_down and not facts.fire:",
        "if facts.locked_down and seen.at.direction is Direction.ENTRY and not facts.fire:",
        f"{ACCESS}::test_leaving_is_never_refused",
    ),
    Law(
        "a lock-down is never over a fire",
        "gate/access.py",
        "if facts.locked_down and not facts.fire:",
        "if facts.locked_down:",
        f"{ACCESS}::test_a_lock_down_stops_everyone_but_a_guard_and_nobody_in_a_fire",
    ),
    Law(
        "a pass that came in leaves even when expired",
        "gate/access.py",
        "if seen.at.direction is Direction.EXIT and isinstance(use, int):",
        "if False:",
        f"{ACCESS}::test_pass_that_came_in_leaves_even_when_expired_or_revoked",
    ),
    Law(
        "a retry is the same use only at the same lane",
        "gate/visits.py",
        "and use.lane == lane",
        "and True",
        f"{ACCESS}::test_retry_is_the_same_use_at_the_same_lane_within_a_minute",
    ),
    Law(
        "a spent pass opens no more",
        "gate/visits.py",
        "most != UNLIMITED and ways_in >= most",
        "most != UNLIMITED and ways_in > most",
        f"{ACCESS}::test_single_pass_goes_in_once_and_out_once",
    ),
    Law(
        "a pass ends at its end",
        "gate/access.py",
        "if now.utc >= claims.expires:",
        "if now.utc > claims.expires:",
        f"{ACCESS}::test_window_is_half_open",
    ),
    Law(
        "an untrusted clock asks the guard",
        "gate/access.py",
        "now.trust is Trust.UNKNOWN or (",
        "(",
        f"{ACCESS}::test_window_is_half_open",
    ),
    Law(
        "a withdrawn face opens nothing at once",
        "gate/access.py",
        "if seen.gallery < facts.gallery_floor:",
        "if False:",
        f"{ACCESS}::test_refusals_have_their_own_reason",
    ),
    Law(
        "the face of who is not asked to move alone opens no challenge lane",
        "gate/access.py",
        "if wants_second(seen, facts):",
        "if False:",
        "tests/unit/test_second_factor.py"
        "::test_the_face_of_a_marked_resident_alone_opens_no_challenge_lane",
    ),
    Law(
        "no close while anything is present",
        "gate/barrier.py",
        "return any(heard.active.get(each, True) for each in self.fitting.presence)",
        "return False",
        f"{BARRIER}::test_arm_never_closes_on_somebody",
    ),
    Law(
        "stale presence counts as somebody",
        "gate/barrier.py",
        "if heard is None or now - heard.at > FRESH:",
        "if heard is None:",
        f"{BARRIER}::test_an_input_that_has_gone_silent_counts_as_somebody",
    ),
    Law(
        "somebody under a closing arm opens it",
        "gate/barrier.py",
        "if moving and not clear:",
        "if False:",
        f"{BARRIER}::test_somebody_under_a_closing_arm_opens_it_and_the_third_time_it_stays",
    ),
    Law(
        "fire opens and holds",
        "gate/barrier.py",
        "_STAYS = _HELD | {State.OBSTRUCTED, State.FAULT}",
        "_STAYS = frozenset({State.OBSTRUCTED, State.FAULT})",
        f"{BARRIER}::test_fire_opens_from_every_state_and_blocks_every_close_until_a_guard_resets",
    ),
    Law(
        "a gate that closes itself is never told to",
        "gate/barrier.py",
        "if barrier.fitting.drive is not Drive.OPEN_CLOSE or not barrier.fitting.presence:",
        "if False:",
        f"{BARRIER}::test_a_barrier_that_closes_itself_is_never_told_to",
    ),
    Law(
        "nobody resets while it burns",
        "gate/barrier.py",
        "    if _burns(barrier):\n        return barrier, ()\n",
        "",
        f"{BARRIER}::test_nobody_resets_while_it_burns",
    ),
    Law(
        "fire opens again what is not open",
        "gate/barrier.py",
        "if not first and (seen_open or now - barrier.fire_asked < FIRE_AGAIN):",
        "if not first:",
        f"{BARRIER}::test_fire_opens_again_what_is_not_seen_to_be_open",
    ),
    Law(
        "a guard's hold never takes the place of a fire",
        "gate/barrier.py",
        "    if _burns(barrier) or barrier.state is State.HELD_FIRE:\n        return barrier, ()\n",
        "",
        f"{BARRIER}::test_a_guards_hold_never_takes_the_place_of_a_fire",
    ),
    Law(
        "a lock-down that stands is known to every decision",
        "edge/standing.py",
        "return replace(facts, locked_down=locked, fire=fire) if locked or fire else facts",
        "return facts",
        f"{STANDING}::test_a_lock_down_lets_nobody_through_but_by_a_guards_hand",
    ),
    Law(
        "an order outlives a restart",
        "edge/standing.py",
        "self.order: Order | None = world.ledger.standing(lane.number)",
        "self.order: Order | None = None",
        f"{STANDING}::test_an_order_outlives_a_restart_which_itself_commands_nothing",
    ),
    Law(
        "an order that comes late changes nothing",
        "edge/standing.py",
        "if wish.order is not None and late:",
        "if False:",
        f"{STANDING}::test_an_order_that_took_too_long_to_get_here_changes_nothing",
    ),
    Law(
        "a press is as old as the network made it",
        "edge/web/ticks.py",
        "return min(tick + since, now)",
        "return now",
        f"{TICKS}::test_both_ways_over_the_network_count_as_age",
    ),
    Law(
        "no browser makes its press younger than its arrival",
        "edge/web/ticks.py",
        "if since is None or tick + since > now + AHEAD:",
        "if since is None:",
        f"{TICKS}::test_no_moment_is_after_its_arrival",
    ),
    Law(
        "a stalling disk keeps no guard waiting",
        "edge/lane.py",
        "wait=GUARD_WAITS if by_hand else RECORD_WITHIN,",
        "wait=RECORD_WITHIN,",
        f"{STORY}::test_the_first_press_on_a_disk_that_begins_to_stall_opens_in_time",
    ),
    Law(
        "record before act",
        "edge/lane.py",
        "        seq = self._world.ledger.record(",
        "        if intent is not None:\n"
        "            self._arm.send(intent, None)\n"
        "        seq = self._world.ledger.record(",
        f"{STORY}::test_every_actuation_was_recorded_before",
    ),
    Law(
        "no disk, no arm",
        "edge/lane.py",
        "if not isinstance(seen, GuardPressed) or not fresh:",
        "if not fresh:",
        f"{STORY}::test_no_disk_no_arm_but_the_guard_still_opens_and_it_is_recorded_later",
    ),
    Law(
        "a command is sent once",
        "edge/arm.py",
        "        pending = self._pending.pop(report.cmd_id, None)\n",
        "        pending = self._pending.pop(report.cmd_id, None)\n"
        "        if pending is not None and report.outcome is Outcome.TIMED_OUT:\n"
        "            self._relays.send(report)\n",
        f"{STORY}::test_unanswered_command_is_a_time_out_and_never_sent_again",
    ),
    Law(
        "nothing is sent after its deadline",
        "edge/arm.py",
        "        if now >= intent.deadline:",
        "        if False:",
        f"{STORY}::test_a_record_that_took_too_long_opens_nothing",
    ),
    Law(
        "a close that waited for the disk is not sent",
        "edge/arm.py",
        "deadline = now.mono + ACT_WITHIN if action is Action.CLOSE else",
        "deadline =",
        f"{STORY}::test_a_close_that_waited_for_the_disk_is_not_sent",
    ),
    Law(
        "a report that comes late still spends the use",
        "edge/arm.py",
        "            self._hear_late(report)\n",
        "            pass\n",
        f"{STORY}::test_a_report_that_comes_late_is_written_and_the_pass_is_spent",
    ),
    Law(
        "a use without a command is not spent",
        "edge/lane.py",
        "            intent = self._arm.intent(",
        "            intent = self._arm.wish(",
        f"{STORY}::test_relay_away_spends_no_use",
    ),
    Law(
        "a code is read before the register is asked",
        "edge/facts.py",
        "        claims = read(seen.text, self._rules.keys(), rotation)\n",
        "        self._people.pass_state(seen.text)\n"
        "        claims = read(seen.text, self._rules.keys(), rotation)\n",
        f"{STORY}::test_rubbish_codes_have_reasons_and_never_reach_the_register",
    ),
    Law(
        "a picture of a moving code opens nothing",
        "gate/passes.py",
        "    fresh = is_fresh(tag, inner_key(rotation.key, claims.pass_id), rotation.now.utc)\n",
        "    fresh = bool(tag)\n",
        "tests/unit/test_pass_rotation.py::test_a_picture_of_half_a_minute_ago_is_stale",
    ),
    Law(
        "a recurring pass opens on its days and at its times only",
        "gate/access.py",
        "return None if _holds(claims.weekly, facts) else _refuse(Reason.NOT_NOW)",
        "return None",
        f"{KINDS}::test_a_recurring_pass_opens_within_its_week_only",
    ),
    Law(
        "a delivery has one hour",
        "gate/visits.py",
        "return None if 0 <= ago <= DELIVERY else Reason.USED",
        "return None",
        f"{KINDS}::test_a_delivery_comes_again_within_the_hour_of_its_first_way_in",
    ),
    Law(
        "a use at another gate counts at this one",
        "gate/visits.py",
        "    ways_in = sum(use.direction is Direction.ENTRY for use in uses)\n",
        "    ways_in = sum(use.direction is Direction.ENTRY and not use.edge for use in uses)\n",
        f"{KINDS}::test_a_use_at_another_gate_counts_here_and_has_its_own_number",
    ),
    Law(
        "a keypad that was wrong too often waits",
        "gate/pin_lock.py",
        "    return lock.level > 0 and now < lock.until\n",
        "    return False\n",
        "tests/unit/test_pin_lock.py::test_five_within_a_minute_and_it_waits_one",
    ),
    Law(
        "face is never the only way in",
        "models/lane.py",
        "if self.credentials <= {Credential.FACE, Credential.GUARD}:",
        "if False:",
        "tests/unit/test_config_load.py::test_malformed_files_say_where_and_what",
    ),
    Law(
        "no plate opens without a vehicle",
        "gate/cars.py",
        "    if facts.presence is Presence.CLEAR:",
        "    if False:",
        f"{CARS}::test_no_plate_opens_without_a_vehicle",
    ),
    Law(
        "on the way in a vehicle must be felt",
        "gate/cars.py",
        "if facts.presence is Presence.UNKNOWN and seen.at.direction is Direction.ENTRY:",
        "if False:",
        f"{CARS}::test_no_plate_opens_without_a_vehicle",
    ),
    Law(
        "no exit is refused to a car",
        "gate/cars.py",
        "facts.presence is Presence.CLEAR or",
        "True or",
        f"{CARS}::test_no_car_is_kept_from_leaving",
    ),
    Law(
        "the blocklist beats the allowlist",
        "gate/cars.py",
        "    if facts.restriction is not None:\n"
        "        return _ask(Reason.RESTRICTED)\n    if facts.lane",
        "    if facts.lane",
        f"{CARS}::test_nothing_lets_a_car_in_that_is_kept_out",
    ),
    Law(
        "the bicycle lane opens for no car",
        "gate/cars.py",
        "if facts.lane.kind is LaneKind.EBIKE and facts.presence is Presence.THERE:",
        "if False:",
        f"{CARS}::test_nothing_but_a_guard_opens_the_bicycle_lane_for_a_car",
    ),
    Law(
        "a plate that is not surely read opens nothing",
        "gate/cars.py",
        "if seen.reading.band is not Band.ACCEPT:",
        "if False:",
        f"{CARS}::test_what_was_not_surely_read_lets_nobody_in",
    ),
    Law(
        "a car that is inside is brought before the guard",
        "gate/cars.py",
        "if way is Direction.ENTRY and inside and facts.passback:",
        "if False:",
        f"{CARS}::test_ways_in_and_out_are_paired",
    ),
    Law(
        "a car kept out needs two approvers",
        "models/vehicle.py",
        "return self.second is not None and today <= self.until and everywhere",
        "return today <= self.until and everywhere",
        f"{GATE}::test_what_keeps_a_car_out_has_two_approvers_a_place_and_an_end",
    ),
    Law(
        "what a lane knows of its car is known to every decision",
        "edge/car_watch.py",
        "return replace(facts, presence=presence, restriction=self._restriction)",
        "return facts",
        f"{GATE}::test_a_car_that_is_kept_out_is_let_in_by_no_card_of_its_driver_either",
    ),
    Law(
        "a plate lane without a loop does not load",
        "config/lanes.py",
        "if plates and not lane.vehicle:",
        "if False:",
        f"{CONFIG}::test_malformed_files_say_where_and_what",
    ),
    Law(
        "nothing is learnt of a face without consent",
        "edge/store/learning.py",
        'return "shows a resident who has not agreed that passages are learnt from"',
        'return ""',
        f"{LEARNING}::test_nothing_is_learnt_without_consent",
    ),
    Law(
        "nothing is learnt of an unconfirmed passage",
        "edge/store/learning.py",
        "if not by.strip():",
        "if False:",
        "tests/contract/test_store_confirming.py::test_nothing_is_learnt_that_nobody_confirmed",
    ),
    Law(
        "nothing is learnt of an opening in spite of doubt",
        "edge/store/learning.py",
        "if not named or (self.answer, self.reason) != OPENED_FOR:",
        "if not named:",
        f"{LEARNING}::test_nothing_is_learnt_of_an_opening_in_spite_of_doubt",
    ),
    Law(
        "what was learnt ends with the consent to it",
        "edge/store/gallery.py",
        "if not template.is_learnt or person.resident_id in learners",
        "if person",
        f"{LEARNING}::test_what_was_learnt_names_nobody_who_does_not_agree_any_more",
    ),
    Law(
        "nobody drifts into a resident's templates",
        "recognition/gallery.py",
        "photos = own & ~self._learnt.mask",
        "photos = own",
        "tests/unit/test_recognition_learning.py::test_nobody_drifts_into_a_template_step_by_step",
    ),
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("laws")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            # What is compiled already comes along: it is as old as the whole source, and no mutant.
            ignored = shutil.ignore_patterns("built", "browser", "integration")
            shutil.copytree(source, folder / part, ignore=ignored)
        else:
            shutil.copy(source, folder / part)
    return folder


@pytest.fixture(scope="module")
def warm(copy: Path) -> Iterator[WarmPytest]:
    with warm_pytest(copy) as warm:
        yield warm


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.law.replace(" ", "-"))
def test_a_product_without_the_law_fails_its_test(copy: Path, warm: WarmPytest, law: Law) -> None:
    file = copy / law.file
    whole = file.read_text("utf-8")
    assert whole.count(law.kept) == 1, "the line that keeps the law has moved: mend this table"
    file.write_text(whole.replace(law.kept, law.broken), "utf-8")
    try:
        status = warm.run(law.test)
    finally:
        file.write_text(whole, "utf-8")
    assert status == 1, warm.said[-2000:]


def test_the_guarding_tests_pass_on_the_product_itself(warm: WarmPytest) -> None:
    status = warm.run(*dict.fromkeys(law.test for law in LAWS))
    assert status == 0, warm.said[-2000:]


def test_the_page_for_people_names_every_law_and_its_test() -> None:
    page = (ROOT / "docs" / "laws.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| `(.+?)` \| `(.+?)` \|$", page, re.MULTILINE)
    assert rows == [(law.law, law.file, law.test.partition("::")[2]) for law in LAWS]
