"""The short form: every kept input again, and a few hundred new ones for each target.

Works without atheris: what is new is made by Hypothesis out of what is kept.
"""

import importlib
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import CORPUS, TARGETS, Feed, Target

ROOT = Path(__file__).parents[2]
MOST = 300_000
"""Bytes of the whole corpus."""
ROOM = 1_200_000_000
"""Bytes of address space in which every kept picture is read: what twelve megapixels need."""


def feed_of(target: Target) -> Feed:
    feed: Feed = importlib.import_module(target.module).feed
    return feed


@pytest.mark.parametrize("name", TARGETS)
def test_every_kept_input_is_taken_or_refused_in_words(name: str) -> None:
    feed = feed_of(TARGETS[name])
    assert TARGETS[name].kept
    for path in TARGETS[name].kept:
        try:
            feed(path.read_bytes())
        except Exception as error:
            error.add_note(f"input: {path.relative_to(ROOT)}")
            raise


def spoiled(target: Target) -> st.SearchStrategy[bytes]:
    """Return kept inputs with pieces of others, of nothing and of chance put in."""
    kept = st.sampled_from([path.read_bytes()[: target.longest] for path in target.kept])
    piece = st.one_of(
        st.binary(max_size=8),
        st.sampled_from([b"\x00", b"\xff" * 4, b"[", b"{", b"9" * 20, b"\x7f\xff\xff\xff", b""]),
        kept.map(lambda one: one[: len(one) // 2]),
    )
    change = st.tuples(st.integers(0, target.longest), st.integers(0, 16), piece)

    def put_in(one: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
        for at, gone, new in changes:
            place = at % (len(one) + 1)
            one = one[:place] + new + one[place + gone :]
        return one[: target.longest]

    return st.one_of(
        st.builds(put_in, kept, st.lists(change, min_size=1, max_size=4)), st.binary(max_size=200)
    )


@pytest.mark.parametrize("name", TARGETS)
def test_a_few_hundred_new_inputs_are_taken_or_refused_in_words(name: str) -> None:
    feed = feed_of(TARGETS[name])

    @settings(
        max_examples=150 if name == "picture" else 250,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(spoiled(TARGETS[name]))
    def all_of_them(data: bytes) -> None:
        feed(data)

    all_of_them()


def test_the_corpus_stays_small_and_can_be_made_again() -> None:
    files = [path for path in CORPUS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MOST
    made = {CORPUS / target / name for target, seeds in SEEDS.items() for name, _ in seeds()}
    assert made <= set(files), "run python -m tests.fuzz.seeds"


def test_no_kept_picture_needs_more_memory_than_twelve_megapixels() -> None:
    code = (
        "import sys, pathlib; from tests.fuzz.picture_target import feed\n"
        "for name in sys.argv[1:]: feed(pathlib.Path(name).read_bytes())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, TARGETS["picture"].kept)],
        cwd=ROOT,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
