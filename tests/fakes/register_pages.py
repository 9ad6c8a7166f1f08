"""The register's pages over a real desk and a real store, and two who look at them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.settings import Settings
from edge import wire
from tests.fakes.desk_asker import Asker
from tests.fakes.register_site import RegisterSite, register_site
from tests.fakes.web_site import GUARD, WebSite, served

MANAGER = "陈经理"
ASKED: tuple[type[wire.Message], ...] = (
    wire.Homes,
    wire.Household,
    wire.Person,
    wire.ChangeResident,
    wire.ChangeVehicle,
    wire.RemoveVehicle,
    wire.RemoveCard,
    wire.LastChange,
    wire.Undo,
    wire.AddResident,
    wire.RemoveResident,
    wire.WithdrawFace,
    wire.AddVehicle,
    wire.AddCard,
    wire.RevokePass,
    wire.MakePass,
    wire.CheckPhoto,
    wire.EnrolPhoto,
    wire.NewHomeClaim,
    wire.PutSheet,
    wire.ApplySheet,
    wire.Residents,
    wire.Vehicles,
)
"""What the register's pages ask."""


@contextmanager
def register_pages(
    folder: Path, settings: Settings | None = None
) -> Iterator[tuple[WebSite, RegisterSite]]:
    """Serve the pages; the desk behind them is real, the lanes are not."""
    with register_site() as desk, served(folder, settings) as site:
        answer_with(site, desk)
        site.admit(GUARD, "guard")
        site.admit(MANAGER, "manager")
        yield site, desk


def answer_with(site: WebSite, desk: RegisterSite) -> None:
    """Let the core behind the pages answer with a real desk."""

    def answer(message: wire.AnyMessage) -> wire.AnyMessage:
        asker = Asker()
        desk.desk.hear(asker, message)
        return asker.told[-1]

    for kind in ASKED:
        site.core.also[kind] = answer
