"""Who asks a desk, and the clock on its wall."""

from edge import wire
from models.moment import Moment
from tests.fakes.store_words import NOW


class StillClock:
    """It is always NOW."""

    def now(self) -> Moment:
        return NOW


class Asker:
    """A web process that keeps what it is told."""

    role = "web"

    def __init__(self) -> None:
        self.told: list[wire.AnyMessage] = []

    def tell(self, message: wire.AnyMessage) -> None:
        self.told.append(message)
