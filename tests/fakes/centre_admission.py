"""A standing with the centre that is a token from elsewhere."""

from dataclasses import dataclass, field

from edge.sync.road import Road


@dataclass
class Held:
    """Shows the same token each time, and notes which ones were refused."""

    held: str
    refused: list[str] = field(default_factory=list)

    def token(self, _road: Road) -> str:
        return self.held

    def spent(self, token: str) -> None:
        self.refused.append(token)
