"""A flood of page requests from a process of its own: `python -m tests.bench._flood HOST PORT`.

Reads one line of JSON, {"rate": a second, "cookie": text}, then `on` and `off` lines; answers each
`off` with how many requests a second were answered since the `on`. Requests leave by the clock
whether or not the last ones were answered, over at most 64 connections.
"""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

PATHS = ("/", "/login", "/healthz", "/static/guard.js")
"""Asked for in turns: a guard's page with its rows, a page for anyone, a word, a file."""
MOST = 64


class Flood:
    """The flood as the bench turns it on and off."""

    def __init__(self, host: str, port: int, rate: int, cookie: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench._flood", host, str(port)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._say(json.dumps({"rate": rate, "cookie": cookie}))

    def on(self) -> None:
        """Begin."""
        self._say("on")

    def off(self) -> float:
        """End; return how many requests a second were answered."""
        self._say("off")
        assert self._process.stdout is not None
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


class _Source:
    """The connections, kept open and used in turns."""

    def __init__(self, host: str, port: int, cookie: str) -> None:
        self._address = host, port
        self._cookie = cookie
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._open = 0
        self.answered = 0

    async def ask(self, number: int) -> None:
        """Send one request and read its answer."""
        if self._idle:
            reader, writer = self._idle.pop()
        elif self._open < MOST:
            self._open += 1
            reader, writer = await asyncio.open_connection(*self._address)
        else:
            return
        head = (
            f"GET {PATHS[number % len(PATHS)]} HTTP/1.1\r\nHost: {self._address[0]}\r\n"
            f"Cookie: {self._cookie}\r\nAccept: text/html\r\n\r\n"
        )
        try:
            writer.write(head.encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.partition(b":")[2])
                for line in answer.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            )
            await reader.readexactly(length)
        except (OSError, EOFError, StopIteration):
            writer.close()
            self._open -= 1
            return
        self.answered += answer.startswith(b"HTTP/1.1 200")
        self._idle.append((reader, writer))


async def _pour(source: _Source, rate: int, running: asyncio.Event) -> None:
    numbers, asked = 0, set[asyncio.Task[None]]()
    while True:
        await running.wait()
        begun, first = time.monotonic(), numbers
        while running.is_set():
            due = first + int((time.monotonic() - begun) * rate)
            while numbers < due:
                task = asyncio.create_task(source.ask(numbers))
                asked.add(task)
                task.add_done_callback(asked.discard)
                numbers += 1
            await asyncio.sleep(1 / rate)


async def _main(host: str, port: int) -> None:
    loop, lines = asyncio.get_running_loop(), asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    told = json.loads(await lines.readline())
    source, running = _Source(host, port, told["cookie"]), asyncio.Event()
    pouring = asyncio.create_task(_pour(source, told["rate"], running))
    begun, before = 0.0, 0
    while line := (await lines.readline()).strip():
        if line == b"on":
            begun, before = time.monotonic(), source.answered
            running.set()
        else:
            running.clear()
            rate = (source.answered - before) / (time.monotonic() - begun)
            sys.stdout.write(f"{rate}\n")
            sys.stdout.flush()
    pouring.cancel()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2])))
