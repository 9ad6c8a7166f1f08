"""Faults and mutants that tests of other suites hold; names are checked when the page is made."""

_UPLINK = "integration/test_centre_uplink.py::"
_CENTRE = "contract/test_centre_events.py::"
_CENTRE_STORE = "integration/test_centre_store.py::"
_SITE = "integration/test_site_with_own_broker.py::"
_CRASH = "integration/test_store_crash.py::"
_OPENING = "integration/test_store_opening.py::"
_RULES = "integration/test_broker_rules.py::"
_OUTAGE = "integration/test_broker_outage.py::"
_WATCH = "unit/test_camera_watch.py::"
_VISION = "integration/test_vision_faults.py::"
_BARRIER = "unit/test_gate_barrier.py::"
_SUPERVISOR = "integration/test_supervisor.py::"

ELSEWHERE: dict[str, tuple[str, ...]] = {
    "F1": (
        f"{_CRASH}test_what_was_acknowledged_survives_kill_9",
        f"{_SITE}test_killed_core_and_killed_broker_come_back_and_nothing_opens_by_itself",
        f"{_SUPERVISOR}test_a_killed_process_is_started_again_and_the_other_goes_on",
        f"{_UPLINK}test_events_arrive_once_through_a_centre_that_is_killed_in_the_middle",
    ),
    "F2": (f"{_CRASH}test_a_kill_at_any_write_leaves_a_whole_store",),
    "F3": (
        f"{_CRASH}test_a_commit_waits_for_the_disk_each_time",
        f"{_CRASH}test_a_refused_write_stays_refused_when_power_fails_after_mending",
    ),
    "F4": (
        f"{_CRASH}test_a_write_that_the_disk_refused_is_neither_acknowledged_nor_kept",
        f"{_CRASH}test_a_disk_that_never_comes_back_acknowledges_nothing_more",
    ),
    "F5": (
        f"{_CRASH}test_a_full_disk_gives_up_its_ballast_and_the_log_goes_on_by_itself",
        f"{_CRASH}test_a_start_on_a_full_disk_still_serves_the_guard",
        f"{_CRASH}test_a_full_disk_is_never_taken_for_damage",
    ),
    "F7": (
        f"{_OPENING}test_a_damaged_register_is_replaced_by_its_backup",
        f"{_OPENING}test_a_damaged_register_without_a_backup_starts_nothing",
        f"{_OPENING}test_a_bad_backup_is_passed_over",
    ),
    "F8": (
        f"{_OUTAGE}test_what_a_stalled_broker_took_opens_nothing_when_it_wakes",
        f"{_OUTAGE}test_behind_a_stalled_broker_the_relay_counts_as_away",
    ),
    "F9": (
        f"{_OUTAGE}test_a_broker_that_flaps_is_complained_of_once_an_outage",
        f"{_OUTAGE}test_without_a_broker_a_command_fails_at_once_and_is_never_sent_later",
    ),
    "F11": (f"{_RULES}test_the_rule_holds",),
    "F12": (
        f"{_RULES}test_the_rule_holds",
        "contract/test_relay_port.py::test_a_restarted_relay_counts_from_the_start_and_obeys",
    ),
    "F13": (
        f"{_UPLINK}test_nothing_is_let_go_while_answers_are_lost",
        f"{_CENTRE_STORE}test_every_row_of_the_journal_arrives_once_and_in_one_chain",
    ),
    "F14": (
        f"{_UPLINK}test_every_event_arrives_once_through",
        f"{_UPLINK}test_the_centre_is_asked_no_sooner_than_it_wished",
    ),
    "F15": (
        f"{_UPLINK}test_a_poison_row_is_put_aside_and_the_others_arrive",
        f"{_CENTRE}test_a_poison_row_is_put_aside_and_holds_up_nobody",
    ),
    "F16": (
        f"{_UPLINK}test_a_fork_is_put_aside_and_stays_here",
        f"{_CENTRE}test_a_fork_is_kept_apart_and_never_called_safe",
        f"{_CENTRE}test_missing_numbers_and_broken_chains_are_reported",
    ),
    "F17": (
        "unit/test_clock.py::test_a_clock_behind_the_floor_tells_the_floor",
        "unit/test_clock.py::test_far_ahead_without_a_battery_is_doubted_unless_a_time_service_keeps_it",
        "unit/test_gate_access.py::test_window_is_half_open",
        f"{_OPENING}test_an_untrusted_clock_deletes_nothing",
    ),
    "F19": (
        f"{_WATCH}test_a_camera_without_a_picture_for_two_seconds_is_silent",
        f"{_WATCH}test_a_hung_reader_is_left_behind_and_its_last_picture_never_shown",
        f"{_WATCH}test_a_live_picture_that_cannot_be_believed_is_shown_but_not_looked_at",
        "integration/test_camera_rtsp.py::test_a_server_that_dies_is_away_and_found_again",
        "integration/test_camera_rtsp.py::test_a_server_that_falls_silent_is_noticed_and_found_again",
        f"{_VISION}test_a_frame_that_is_old_or_of_unknown_age_tells_nothing",
    ),
    "F20": (
        f"{_WATCH}test_pictures_reach_the_mailbox_newest_first",
        f"{_VISION}test_a_flood_of_previews_gets_the_same_picture_and_recognition_goes_on",
    ),
    "F21": (
        f"{_VISION}test_wrong_weights_switch_faces_off_and_leave_codes_on",
        f"{_VISION}test_an_engine_that_breaks_is_off_at_once_and_loaded_again_later",
        f"{_VISION}test_a_look_that_hangs_stops_the_beat",
        f"{_SUPERVISOR}test_a_stopped_process_counts_as_hanging",
    ),
    "F23": (
        f"{_BARRIER}test_no_story_closes_on_somebody_or_against_fire",
        f"{_BARRIER}test_an_input_that_has_gone_silent_counts_as_somebody",
    ),
    "F24": (
        f"{_BARRIER}test_fire_opens_from_every_state_and_blocks_every_close_until_a_guard_resets",
    ),
    "F25": ("integration/test_store_writer.py::test_of_many_lanes_one_takes_the_use",),
    "F26": (
        f"{_OPENING}test_a_migration_is_preceded_by_a_backup",
        f"{_OPENING}test_a_newer_schema_is_refused",
    ),
    "F29": (
        "integration/test_web_desk.py::test_a_core_that_hangs_is_said_to_be_away",
        "integration/test_web_metrics.py::test_while_core_is_away_that_is_what_it_says",
        "unit/test_sync_plan.py::test_a_centre_that_is_sent_nothing_for_long_is_asked_whether_it_is_there",
    ),
    "F30": (
        "unit/test_sync_plan.py::test_a_street_of_edges_does_not_come_back_as_one",
        f"{_CENTRE}test_many_at_once_count_each_event_once",
    ),
}

_KILLED = "integration/test_fault_core_killed.py::"
_BROKER = "integration/test_fault_broker.py::"

MUTANTS: dict[str, str] = {
    "commits without waiting for the disk (NORMAL)": "integration/test_fault_power_cut.py::"
    "test_a_store_that_does_not_wait_for_the_disk_is_found_out",
    "sends again at restart": f"{_KILLED}test_a_core_that_sends_again_at_restart_is_found_out",
    "takes a message that left for an opening": f"{_BROKER}"
    "test_a_core_that_takes_a_sent_message_for_an_opening_is_found_out",
    "lets go of events on a 4xx": f"{_UPLINK}test_letting_go_on_a_4xx_would_lose_events",
    "calls another hash of the same number safe": f"{_CENTRE}"
    "test_the_fork_rule_is_what_keeps_a_fork_from_being_called_safe",
    "goes by the wall clock in a lane": "integration/test_fault_clock.py::"
    "test_a_lane_that_goes_by_the_wall_clock_is_found_out",
    "goes by the wall clock in a watchdog": "integration/test_fault_clock.py::"
    "test_a_watchdog_by_the_wall_clock_is_found_out",
    "checks no deadline, number, epoch, seal, retained flag, presence or fire": f"{_RULES}"
    "test_without_the_rule_the_ledger_shows_the_violation",
    "looks at no sensor before it closes": "integration/test_fault_sensors.py::"
    "test_a_barrier_that_looks_at_no_sensor_is_found_out",
    "believes an input that flaps": "unit/test_gate_flapping.py::"
    "test_a_barrier_that_believes_a_flapping_input_is_found_out",
    "spends a use that is not free": "integration/test_fault_one_pass.py::"
    "test_a_store_that_does_not_look_whether_the_use_is_free_is_found_out",
    "looks at old frames": f"{_VISION}test_the_mutant_that_looks_at_old_frames_is_caught",
}

WEAKER = """\
- F3: crash images are made of the SQLite files; keys and identity, which are written once and
  synced with their folder at the first start, are taken as they are.
- F3, F17: the disk's cache and the wall clock are models (a recorded run, an injected clock), not a
  real power switch or a real clock that was set.
- F9, F11: the way to the broker leads through a proxy of the tests; the kernel itself loses and
  delays nothing.
- F22: the kernel's own choice of a victim is not brought about; its order (`oom_score_adj`) is
  read, and the victims end as they would.
"""
