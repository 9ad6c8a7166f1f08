"""Making the demo compound known to its own centre, as an operator and an installer would."""

import os
import subprocess
import sys
from pathlib import Path

from edge.clock import monotonic
from edge.demo.lan import Front
from edge.store.folder import load_keys, prepare
from edge.sync.road import Address, Road
from edge.sync.session import Identity, claim
from models.errors import CentreFault

_ADVICE = "Start the demo again; it begins with a new code."


def make_known(front: Front, database: Path, root: Path, compound: str) -> None:
    """Let the site in `root` claim `compound` at the centre behind `front`, with that database.

    Raises CentreFault where the centre makes no code or does not take it.
    """
    keys = load_keys(prepare(root))
    # A program of its own: the edge and the centre never import each other.
    made = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "central.claim_code", compound, "演示小区"],
        env=os.environ | {"KUAHU_CENTRE_DATABASE": f"sqlite:///{database}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        message = f"the demo's centre made no claim code: {made.stderr.strip()}"
        raise CentreFault(message, part="centre", advice=_ADVICE)
    with Road(Address(front.url, keys.edge, front.certificate), monotonic) as road:
        refused = claim(road, made.stdout.strip(), Identity(keys.edge, keys.public.hex(), compound))
    if refused is not None:
        raise CentreFault(refused.why, part="centre", advice=_ADVICE)
