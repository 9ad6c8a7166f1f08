"""The pass keys: whichever lane asks while they are read believes all of them."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.core import pass_keys
from edge.core.pass_keys import PassKeys
from gate.pass_keys import published
from gate.passes import PublicKey

COMPOUND = "00112233"


def test_a_lane_that_asks_while_another_reads_believes_the_new_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "keys.json"
    page.write_text(published(COMPOUND, [(1, Ed25519PrivateKey.generate().public_key())]), "utf-8")
    keys, seen = PassKeys(page, COMPOUND), list[Mapping[int, PublicKey]]()
    load = pass_keys.load_keys

    def slowly(path: Path, compound: str) -> dict[int, PublicKey]:
        if not seen:
            seen.append({})
            seen.append(keys())
        return load(path, compound)

    monkeypatch.setattr(pass_keys, "load_keys", slowly)
    assert set(keys()) == {1}
    assert set(seen[1]) == {1}
