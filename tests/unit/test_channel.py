import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import wire
from edge.channel import Channel, ChannelFault, Client, Refused, connect, listen


@pytest.fixture
def pair() -> Iterator[tuple[Channel, Channel]]:
    left, right = socket.socketpair(socket.AF_UNIX)
    one, two = Channel(left), Channel(right)
    yield one, two
    one.close()
    two.close()


def test_messages_arrive_whole_and_in_order(pair: tuple[Channel, Channel]) -> None:
    one, two = pair
    messages = [wire.Crop(1, 2), wire.CropIs(1, b"x" * 100_000), wire.Hello("cli")]
    sender = threading.Thread(target=lambda: [one.send(each) for each in messages])
    sender.start()
    assert [two.receive() for _ in messages] == messages
    sender.join()


def test_over_the_cap_is_refused_on_both_sides(pair: tuple[Channel, Channel]) -> None:
    one, two = pair
    with pytest.raises(ValueError, match="over the cap"):
        one.send(wire.CropIs(1, b"x" * wire.MAX_MESSAGE))
    one._socket.sendall(struct.pack("!I", wire.MAX_MESSAGE + 1))
    with pytest.raises(ChannelFault, match="over the cap"):
        two.receive()


def test_hanging_up_ends_a_receive(pair: tuple[Channel, Channel]) -> None:
    one, two = pair
    one.close()
    assert two.receive() is None


@given(st.binary(max_size=300))
def test_no_bytes_make_anything_but_a_message_or_a_value_error(data: bytes) -> None:
    try:
        message = wire.decode(data)
    except ValueError:
        return
    assert isinstance(message, wire.Message)


def test_answers_find_their_requests_and_the_rest_is_heard(tmp_path: Path) -> None:
    server = listen(tmp_path / "s")
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o600
    heard: list[object] = []
    turn = threading.Event()

    def answer() -> None:
        channel = Channel(server.accept()[0])
        assert channel.receive() == wire.Hello("cli")
        channel.send(wire.Shown(1, "idle", ""))
        request = channel.receive()
        assert isinstance(request, wire.Crop)
        channel.send(wire.CropIs(request.ref, b"jpeg"))
        request = channel.receive()
        assert isinstance(request, wire.Crop)
        channel.send(wire.Failed(request.ref, "input", "no such event"))
        turn.wait(5)
        channel.close()

    thread = threading.Thread(target=answer)
    thread.start()
    client = Client(connect(tmp_path / "s", "cli"), heard.append)
    assert client.ask(wire.Crop(client.ref(), 7), wire.CropIs).jpeg == b"jpeg"
    with pytest.raises(Refused, match="no such event"):
        client.ask(wire.Crop(client.ref(), 8), wire.CropIs)
    assert heard == [wire.Shown(1, "idle", "")]
    turn.set()
    thread.join()
    with pytest.raises(ChannelFault):
        client.ask(wire.Crop(client.ref(), 9), wire.CropIs)
    client.close()
    server.close()


def test_nobody_there_says_what_to_start(tmp_path: Path) -> None:
    with pytest.raises(ChannelFault, match="kuahu run"):
        connect(tmp_path / "nobody", "cli")


def test_too_long_a_path_says_so(tmp_path: Path) -> None:
    with pytest.raises(ChannelFault, match="shorter path"):
        listen(tmp_path / ("x" * 120))
