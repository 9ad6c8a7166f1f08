"""A channel: whole messages over a Unix socket, length first, from threads."""

import contextlib
import itertools
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from edge import wire
from models.errors import Fault

_LENGTH = struct.Struct("!I")
MAX_PATH = 100
Answer = TypeVar("Answer", bound=wire.Message)


class ChannelFault(Fault):
    """The other process is not there, or hung up."""

    code = "channel"


class Channel:
    """One connection; sending is safe from many threads, receiving belongs to one."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._sending = threading.Lock()

    def send(self, message: wire.AnyMessage) -> None:
        """Send one message.

        Raises ChannelFault when the other end is gone or has not read for too long.
        """
        data = wire.encode(message)
        try:
            with self._sending:
                self._socket.sendall(_LENGTH.pack(len(data)) + data)
        except OSError as error:
            self.close()
            text = f"cannot send {type(message).__name__}: {error}"
            raise ChannelFault(text) from error

    def receive(self) -> wire.AnyMessage | None:
        """Return the next message, or None once the other end has closed.

        Raises ChannelFault for a message over the cap or of another version.
        """
        head = self._read(_LENGTH.size)
        if head is None:
            return None
        (length,) = _LENGTH.unpack(head)
        if length > wire.MAX_MESSAGE:
            text = f"a message of {length} bytes is over the cap of {wire.MAX_MESSAGE}"
            raise ChannelFault(text)
        body = self._read(length)
        if body is None:
            return None
        try:
            return wire.decode(body)
        except ValueError as error:
            raise ChannelFault(str(error)) from error

    def _read(self, size: int) -> bytes | None:
        data = bytearray()
        while len(data) < size:
            try:
                piece = self._socket.recv(size - len(data))
            except OSError:
                return None
            if not piece:
                return None
            data += piece
        return bytes(data)

    def close(self) -> None:
        """Hang up; a receive that is waiting returns None."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def listen(path: Path) -> socket.socket:
    """Return a socket that listens at `path`, open to this user only (0600).

    Raises ChannelFault when it cannot be made there.
    """
    if len(str(path)) > MAX_PATH:
        text = f"{path} is too long for a socket; give a state folder with a shorter path"
        raise ChannelFault(text)
    path.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        server.bind(str(path))
        path.chmod(0o600)
        server.listen(32)
    except OSError as error:
        server.close()
        text = f"cannot listen at {path}: {error}"
        raise ChannelFault(text) from error
    return server


def connect(path: Path, role: str, *, send_timeout: float = 5.0) -> Channel:
    """Return a channel to whoever listens at `path`, already introduced as `role`.

    Raises ChannelFault when nobody does.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    seconds = int(send_timeout)
    timeout = struct.pack("ll", seconds, int((send_timeout - seconds) * 1e6))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)
    try:
        connection.connect(str(path))
    except OSError as error:
        connection.close()
        text = f"nobody answers at {path}; is `kuahu run` running?"
        raise ChannelFault(text) from error
    channel = Channel(connection)
    channel.send(wire.Hello(role))
    return channel


class Client:
    """Requests and their answers over one channel; pushed messages go to `hear`."""

    def __init__(self, channel: Channel, hear: Callable[[wire.AnyMessage], None]) -> None:
        self._channel = channel
        self._hear = hear
        self._refs: Iterator[int] = itertools.count(1)
        self._waiting: dict[int, list[wire.AnyMessage]] = {}
        self._turn = threading.Condition()
        self._gone = False
        self._thread = threading.Thread(target=self._listen, name="channel", daemon=True)
        self._thread.start()

    @property
    def gone(self) -> bool:
        """Whether the other end has hung up."""
        return self._gone

    def ref(self) -> int:
        """Return a number for the next request."""
        return next(self._refs)

    def tell(self, message: wire.AnyMessage) -> None:
        """Send a message that wants no answer.

        Raises ChannelFault when the other end is gone.
        """
        self._channel.send(message)

    def ask(self, request: wire.AnyMessage, answer: type[Answer], timeout: float = 5.0) -> Answer:
        """Return the answer to `request`, which carries a fresh `ref`.

        Raises ChannelFault when none comes in `timeout` seconds, Refused when it is a failure.
        """
        ref: int = request.ref  # type: ignore[union-attr] # only requests are asked
        with self._turn:
            self._waiting[ref] = []
        try:
            self._channel.send(request)
            with self._turn:
                self._turn.wait_for(lambda: self._waiting[ref] or self._gone, timeout)
                got = self._waiting[ref]
        finally:
            with self._turn:
                del self._waiting[ref]
        if not got:
            text = f"no answer to {type(request).__name__} in {timeout:g} s"
            raise ChannelFault(text)
        if isinstance(got[0], wire.Failed):
            raise Refused(got[0])
        if not isinstance(got[0], answer):
            text = f"{type(got[0]).__name__} is no answer to {type(request).__name__}"
            raise ChannelFault(text)
        return got[0]

    def close(self) -> None:
        """Hang up and wait for the listening thread."""
        self._channel.close()
        if threading.current_thread() is not self._thread:
            self._thread.join(2.0)

    def _listen(self) -> None:
        while True:
            try:
                message = self._channel.receive()
            except ChannelFault:
                message = None
            if message is None:
                break
            ref = getattr(message, "ref", None)
            with self._turn:
                if ref in self._waiting:
                    self._waiting[ref].append(message)
                    self._turn.notify_all()
                    continue
            self._hear(message)
        with self._turn:
            self._gone = True
            self._turn.notify_all()


class Refused(Fault):
    """The other process answered a request with a failure."""

    code = "refused"

    def __init__(self, failure: wire.Failed) -> None:
        super().__init__(failure.text)
        self.why = failure.code
        self.word = failure.word
