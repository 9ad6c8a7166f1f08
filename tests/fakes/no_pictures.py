"""A camera that never gives a picture: tests put frames into its mailbox by hand."""

from edge.cameras.source import About, Picture


class NoPictures:
    """Behaves as a source that is open and silent."""

    def about(self) -> About:
        return About()

    def read(self) -> Picture | None:
        return None

    def close(self) -> None:
        return None
