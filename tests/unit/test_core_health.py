from dataclasses import dataclass

import pytest

from edge.ailment import Ailment, Trouble
from edge.core.health import store_notices, store_troubles
from edge.store.disk import DiskState, mark_of
from models.errors import StoreFault


@dataclass
class Disk:
    """A store as its health is read: how full its disk is, and what ails its writer."""

    used: int
    trouble: StoreFault | None = None
    restored: tuple[str, ...] = ()

    @property
    def disk(self) -> DiskState:
        return DiskState(100, 100 - self.used, mark_of(100, 100 - self.used), ballast=True)


@pytest.mark.parametrize(
    ("used", "notice", "fault"),
    [
        (69, False, ""),
        (70, True, ""),
        (84, True, ""),
        (85, False, "nearly full: 85 % used"),
        (95, False, "full: 95 % used"),
    ],
)
def test_the_watermarks(used: int, notice: bool, fault: str) -> None:
    store = Disk(used)
    assert store_notices(store) == (("disk_filling",) if notice else ())  # type: ignore[arg-type]
    texts = [one.text for one in store_troubles(store)]  # type: ignore[arg-type]
    assert ([fault in text for text in texts] == [True]) if fault else (texts == [])


def test_a_writer_in_trouble_is_told_with_what_to_do() -> None:
    trouble = StoreFault("the card does not answer", advice="change the card")
    assert store_troubles(Disk(10, trouble)) == (  # type: ignore[arg-type]
        Trouble(Ailment.STORE_FAILING, "store", "the card does not answer", "change the card"),
    )
