"""A beat: a process's proof that its own loops turn, readable by the process that watches it."""

from multiprocessing.context import SpawnContext

from edge.clock import monotonic


class Beat:
    """The moment of the last turn, shared between two processes."""

    def __init__(self, context: SpawnContext) -> None:
        self._at = context.Value("d", 0.0, lock=False)

    def __call__(self) -> None:
        """Note that everything this process promises to turn has turned."""
        self._at.value = monotonic()

    def silent_for(self) -> float | None:
        """Return the seconds since the last turn, or None before the first."""
        at: float = self._at.value
        return None if at == 0.0 else monotonic() - at

    def clear(self) -> None:
        """Forget: a new process begins."""
        self._at.value = 0.0
