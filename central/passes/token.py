"""What a pass's code holds: written afresh whenever it is shown, for nothing of it is stored. Pure.

Ed25519 signs the same bytes the same way each time, so the code of a pass never changes.
"""

from dataclasses import dataclass, field
from datetime import datetime

from central.passes.record import Record
from central.passes.ring import Ring, keys_of
from central.passes.secret import Secret
from gate.passes import mint, mint_rotating, with_tag
from gate.rotation import inner_key, step_of


@dataclass(frozen=True, slots=True)
class Code:
    """The text of a code: whole where `inner` is None, else without the tag of the moment.

    `inner` makes the tags of this one pass and of no other.
    """

    text: str = field(repr=False)
    inner: bytes | None = field(default=None, repr=False)

    def at(self, utc: datetime) -> str:
        """Return what the code reads at this moment."""
        if self.inner is None:
            return self.text
        return with_tag(self.text, self.inner, step_of(utc))


def code_of(secret: Secret, record: Record, rotation: int) -> Code:
    """Return the code of a pass, with the compound's rotation key of that number."""
    keys = keys_of(secret, Ring(record.host.compound, record.kid, rotation))
    if not record.rotating:
        return Code(mint(record.claims, keys.private))
    inner = inner_key(keys.rotation, record.pass_id)
    return Code(mint_rotating(record.claims, keys.private), inner)
