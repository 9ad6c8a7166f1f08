"""The lock that makes one process the store's only writer; the kernel drops it with the process."""

import fcntl
import os
from pathlib import Path

from models.errors import StoreFault


class Lock:
    """Holds the store's lock file from its making until `release`.

    Raises StoreFault naming the process that holds it already.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            message = f"the lock file {path} cannot be opened: {error}"
            raise StoreFault(message, part="store", advice="Check the folder's owner.") from error
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._handle)
            message = f"the store in {path.parent} is in use by process {holder}"
            advice = "Ask the running Kuahu, or stop it first."
            raise StoreFault(message, part="store", advice=advice) from error
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let the next process in; a second call does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
