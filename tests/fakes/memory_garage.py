"""Cars and cards of a store that forgets, as far as lanes ask about them."""

from dataclasses import replace

from edge.store.words import CardState, CarState
from tests.fakes.memory_registry import MemoryRegistry
from tests.fakes.memory_shelf import Book


class MemoryGarage:
    """Behaves as edge.store.garage.Garage does for readers; tests fill the shelf themselves."""

    def __init__(self, book: Book, registry: MemoryRegistry) -> None:
        self._book = book
        self._shelf = book.shelf
        self._registry = registry

    def car(self, plate: str) -> CarState:
        shelf = self._shelf
        drives = [
            one.passage if one.boot == self._book.boot else replace(one.passage, at_mono=None)
            for _, one in sorted(shelf.drives.items(), reverse=True)
            if one.plate == plate
        ]
        return CarState(
            vehicle=shelf.vehicles.get(plate),
            restrictions=tuple(one for one in shelf.restrictions if one.plate == plate),
            passages=tuple(drives[:4]),
            passes=tuple(
                (shelf.issued[pass_id].claims, self._registry.pass_state(pass_id))
                for pass_id, bound in shelf.bound.items()
                if bound == plate
            ),
        )

    def card(self, number: str) -> CardState:
        one = self._shelf.cards.get(number)
        return CardState(one, None if one is None else self._shelf.people.get(one.resident))
