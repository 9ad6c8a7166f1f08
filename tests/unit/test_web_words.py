"""Both catalogues hold every string that the screens use, and nothing that they do not."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from jinja2.ext import babel_extract

from config.model_card import model_card
from edge.ailment import NOTICES, Ailment
from edge.sheet_rules import Rule, SheetKind
from edge.stay_sheet import COLUMNS
from edge.web import lane_screen, public_words
from edge.web.board import IN_THE_LOG
from edge.web.enrolment import FAULTS
from edge.web.register_forms import SAID
from edge.web.register_passes import LASTING
from edge.web.words import LOCALE, Language, read_catalogue
from gate.barrier import State
from models.command import Outcome
from models.decision import Reason
from models.event import EventKind
from models.lane import Credential, Direction
from models.load import DANGERS, Cause, Power
from models.moment import Trust
from models.observation import GuardReason
from models.registry import ResidentKind
from models.standing import ENDED, ORDERED, Standing
from models.stay import Ending, Guest
from models.visit import PassKind
from models.zone import Why

WEB = LOCALE.parent
Key = tuple[str | None, str]

UNDONE = ("resident_changed", "vehicle_changed", "vehicle_removed", "card_removed")
PARTS = ("broker", "relay", "camera", "lane", "vision", "centre", "uses", "clock", "store", "disk")
ADMIN = (
    "barrier_reset",
    "site_claimed",
    "user_added",
    "user_reset",
    "user_removed",
    "order_ended",
    *Standing,
    "resident_added",
    "resident_removed",
    "face_withdrawn",
    "not_that_person",
    "learning_allowed",
    "learning_withdrawn",
    "face_learnt",
    "second_factor_on",
    "second_factor_off",
    "register_imported",
    "phone_code_made",
    "resident_changed",
    "vehicle_changed",
    *(f"undone_{what}" for what in UNDONE),
    "pass_issued",
    "pass_revoked",
    "vehicle_added",
    "vehicle_removed",
    "restriction_asked",
    "restriction_approved",
    "restriction_ended",
    "card_added",
    "card_removed",
    "tailgated",
    "keypad_paused",
    "double_use",
    "stay_seen_gone",
    "stay_counted",
    "stays_rebuilt",
)
LOADS = ("load_armed", *(f"load_cut_{cause}" for cause in DANGERS))
REFUSED = (
    "no_car",
    "no_resident",
    "no_name",
    "person_known",
    "no_plate",
    "plate_taken",
    "no_card",
    "card_taken",
    "meanwhile",
    "nothing_to_undo",
    "for_good",
    "over_already",
    "signed_elsewhere",
    "other_text",
    "no_guardian",
    "no_sheet",
)
CAMERA = ("camera_denied", "camera_missing", "camera_failed", "camera_insecure")
PROBLEMS = (
    "400",
    "401",
    "403",
    "404",
    "413",
    "no_key",
    "no_resident",
    "no_stay",
    "origin",
    "token",
)
VOCABULARIES = {
    "reason": tuple(Reason),
    "guard_reason": tuple(GuardReason),
    "gate": (*public_words.SENTENCES, *lane_screen.SAID),
    "answer": ("opened", "opening", "refused", "asked", ORDERED, ENDED),
    "standing": tuple(Standing),
    "standing_question": tuple(Standing),
    "outcome": tuple(Outcome),
    "credential": tuple(Credential),
    "direction": tuple(Direction),
    "kind": tuple(IN_THE_LOG - {EventKind.DECISION}),
    "barrier": (*State, "pulse_sent"),
    "camera": ("live", "opening", "waiting", "silent", "frozen", "black", "away", "ended"),
    "notice": tuple(NOTICES),
    "trust": tuple(set(Trust) - {Trust.TRUSTED}),
    "part": (*PARTS, "core", "process", "zone", "load"),
    "fault": tuple(Ailment),
    "advice": tuple(Ailment),
    "note": ("call", *ADMIN, *LOADS),
    "problem": PROBLEMS,
    "light": ("lit", "dimmed", "dark"),
    "light_why": tuple(Why),
    "load": (*Power, "away"),
    "load_cause": tuple(Cause),
    "armed": ("armed", "armed_already", "not_safe", "not_recorded", "no_load"),
    "guest": tuple(Guest),
    "stay_ended": tuple(Ending),
    "yes_no": ("yes", "no"),
    "stay_column": COLUMNS,
    "energy": ("metered", "estimated"),
    "register_said": SAID,
    "refused": REFUSED,
    "resident_kind": tuple(ResidentKind),
    "pass_kind": tuple(PassKind),
    "photo": FAULTS,
    "sheet_kind": tuple(SheetKind),
    "sheet_rule": tuple(Rule),
    "enrolment": (*CAMERA, "looking", "taken", "unreadable"),
    "lasting": tuple(word for _, word in LASTING),
    "rate": tuple({each.what for each in model_card().rates}),
}


def _used() -> Iterator[Key]:
    for path in sorted((WEB / "templates").glob("*.html")):
        yield from _extracted("jinja2", path)
    for path in sorted(WEB.glob("*.py")):
        yield from _extracted("python", path)
    for context, words in VOCABULARIES.items():
        for word in words:
            yield context, str(word)


def _extracted(kind: str, path: Path) -> Iterator[Key]:
    method = babel_extract if kind == "jinja2" else "python"
    keywords = DEFAULT_KEYWORDS if kind == "jinja2" else {"text": None, "of": ((1, "c"), 2)}
    with path.open("rb") as file:
        for found in extract(method, file, keywords, options={"trimmed": "true"}):
            _, message, _, context = found
            yield context, message[0] if isinstance(message, tuple) else message


@pytest.mark.parametrize("language", Language)
def test_every_string_has_words(language: Language) -> None:
    catalogue = read_catalogue(language)
    missing = []
    for context, text in _used():
        message = catalogue.get(text, context)
        said = message.string if message else ""
        if not all([said] if isinstance(said, str) else said):
            missing.append((context, text))
    assert missing == []


@pytest.mark.parametrize("language", Language)
def test_no_words_are_left_over(language: Language) -> None:
    used = set(_used())
    ids = [(each.context, each.id) for each in read_catalogue(language) if each.id]
    over = [(c, i) for c, i in ids if (c, i[0] if isinstance(i, tuple) else i) not in used]
    assert over == []


def test_extraction_sees_templates_and_programs() -> None:
    used = set(_used())
    assert (None, "Entries and exits") in used
    assert (None, "Name or password is wrong.") in used
    assert ("problem", "core_away") in used
    assert (None, "%(num)d fault") in used


@pytest.mark.parametrize("language", Language)
def test_the_gate_accuses_nobody(language: Language) -> None:
    catalogue = read_catalogue(language)
    said = [str(each.string) for each in catalogue if each.context == "gate"]
    banned = ("伪造", "黑名单", "住址", "forged", "blacklist", "score")
    assert said
    assert not [text for text in said for word in banned if word in text.lower()]


def test_english_says_what_our_sources_say() -> None:
    odd = [
        each.id
        for each in read_catalogue(Language.EN)
        if each.context is None and each.id and each.id != each.string
    ]
    assert odd == []


def test_every_vocabulary_of_the_catalogues_is_checked() -> None:
    both = chain.from_iterable(read_catalogue(language) for language in Language)
    assert {each.context for each in both if each.context} == set(VOCABULARIES)
