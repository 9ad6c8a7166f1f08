"""`kuahu demo`: plays the demo for a viewer, or checks the story and says how each step ended."""

import json
import logging
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from edge.demo.car_pictures import data_folder
from edge.demo.director import NOTHING, Result
from edge.demo.leftovers import fresh_folder, sweep
from edge.demo.story import story
from edge.demo.world import Inputs, World, pictures, running
from edge.journald import configure_logging
from edge.places import make_private
from edge.qr_image import address_terminal
from edge.supervisor import set_on_signal

_CHECK_WITHIN = 290.0
"""Seconds after which a check gives up: a quiet machine needs a third of it, a busy one most."""

_PATIENCE = 30.0
"""Seconds that a step is waited for: on a busy machine a face that is asked to move is lost and
asked anew."""

_PATIENCE_WITH_VIEWER = 60.0
"""Seconds that a step before the viewer's own camera is waited for."""

_SHOWN = ("step", "lane", "expected", "got", "ms", "ok")


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What was asked for on the command line.

    `camera` is the number of a USB camera that stands in for the first lane's; with it the viewer
    plays the people at that lane. `state` is kept afterwards; without it a folder is made and
    removed.
    """

    check: bool = False
    as_json: bool = False
    resident: Path | None = None
    stranger: Path | None = None
    broker: str | None = None
    camera: int | None = None
    state: Path | None = None
    port: int = 8443
    lan: bool = False


def run(options: DemoOptions) -> int:
    """Run the demo until it is stopped, or the check to its end; return the exit status.

    0 when all went as it should, 1 when a step of the check did not. Raises KuahuError or
    TimeoutError when something cannot start, InputError for an input that cannot be used.
    """
    configure_logging("demo", level=logging.WARNING if options.check else logging.INFO)
    stop = threading.Event()
    # A terminal that is closed must not leave a viewer's face behind either.
    set_on_signal(stop, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for folder in sweep():
        _say(f"removed {folder}, which a demo left that was killed")
    root, lock = (options.state, None) if options.state else fresh_folder()
    make_private(root)
    inputs = Inputs(
        root=root.resolve(),
        pictures=pictures(options.resident, options.stranger),
        broker=options.broker,
        usb=options.camera,
        port=0 if options.check else options.port,
        patience=_PATIENCE if options.camera is None else _PATIENCE_WITH_VIEWER,
        data=data_folder(),
        lan=options.lan,
    )
    try:
        return _check(inputs, options, stop) if options.check else _play(inputs, stop)
    finally:
        if options.state is None:
            shutil.rmtree(root, ignore_errors=True)
        if lock is not None:
            lock.release()


def _play(inputs: Inputs, stop: threading.Event) -> int:
    _say("starting the demo compound; Ctrl-C stops it")
    with running(inputs, stop) as world:
        if stop.is_set():
            return 0
        _tell_what_runs(world, inputs)
        telling = threading.Thread(target=world.show.run, name="show")
        telling.start()
        stop.wait()
        _say("stopping")
        world.show.wake()
        telling.join()
    _say("stopped")
    return 0


def _tell_what_runs(world: World, inputs: Inputs) -> None:
    links, claim = world.links, world.places.claim
    home, visitor = (links.centre + path for path in world.household.invitations())
    code = claim.read_text("utf-8").strip() if claim.exists() else None
    lines = [
        f"guard page    {links.guard}",
        f"claim code    {code or 'this state folder has its first account already'}",
        *(f"lane {lane} screen {url}" for lane, url in links.screens.items()),
        f"stage         {world.stage}   (act in the demo here)",
        f"centre        {links.centre}",
        f"resident page {home}",
        f"visitor pass  {visitor}",
        f"state         {world.places.root}",
    ]
    ready = {
        "url": links.guard,
        "centre_url": links.centre,
        "claim": code,
        "state": str(world.places.root),
        "stage_url": world.stage,
        "home_url": home,
        "pass_url": visitor,
    }
    if inputs.lan:
        lines += [
            "for a phone in this network; its browser warns of the demo's own certificate:",
            f"resident page\n{address_terminal(home)}",
            f"visitor pass\n{address_terminal(visitor)}",
        ]
    sys.stdout.write("\n".join(lines) + f"\nready {json.dumps(ready, ensure_ascii=False)}\n")
    sys.stdout.flush()


def _check(inputs: Inputs, options: DemoOptions, stop: threading.Event) -> int:
    limit = threading.Timer(_CHECK_WITHIN, stop.set)
    limit.daemon = True
    if inputs.usb is None:
        limit.start()
    fine = True
    try:
        with running(inputs, stop) as world:
            for result in _told(world, inputs, stop):
                _print(result, as_json=options.as_json)
                fine = fine and result.ok
    finally:
        limit.cancel()
    return 0 if fine else 1


def _told(world: World, inputs: Inputs, stop: threading.Event) -> Iterator[Result]:
    """Yield how each step of one telling ended.

    One at a time: the lanes share the eyes, and on a busy machine each would be kept waiting.
    """
    codes = world.passes.codes()
    for step in story():
        live = inputs.usb is not None and step.camera == "cam1"
        if live:
            _say(f"your turn before the camera: {step.name}")
        if stop.is_set():
            yield _too_late(step.name, step.lane, step.expected)
        else:
            yield world.director.play(step, codes, live=live)


def _too_late(step: str, lane: int, expected: str) -> Result:
    return Result(step, lane, expected, NOTHING, None, ok=False, note="there was no time left")


def _print(result: Result, *, as_json: bool) -> None:
    said = {key: value for key, value in asdict(result).items() if key in _SHOWN}
    mark = "ok  " if result.ok else "FAIL"
    text = f"{mark} {result.step}: {result.got} ({result.ms} ms)"
    sys.stdout.write((json.dumps(said) if as_json else text) + "\n")
    sys.stdout.flush()
    if result.note:
        _say(f"{result.step}: {result.note}")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
