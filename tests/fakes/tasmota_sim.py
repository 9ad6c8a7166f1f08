"""A Tasmota device by its topics: POWER, PulseTime, RESULT, LWT; its habits included.

Modelled on the firmware's documented behaviour: asking for POWER without a payload stops a pulse
that is running, so that the relay stays on (issues 4093, 7810, 9325).
"""

import json
import threading
import time

from models.errors import RelayFault
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.link import Errand, Link


class TasmotaSim:
    """One relay; `actuations` is how often it was switched on, with the time of each."""

    def __init__(
        self, address: BrokerAddress, device: str, *, pulse: int = 5, relays: int = 1
    ) -> None:
        self.device = device
        self.pulse = pulse
        self.actuations: list[float] = []
        self.on = False
        self._power = "POWER" if relays == 1 else "POWER1"
        self._off_at = float("inf")
        self._lock = threading.RLock()
        will = Message(f"tele/{device}/LWT", b"Offline", retained=True)
        self._link = Link(
            address, Errand("tasmota", (f"cmnd/{device}/#",), will), self, time.monotonic
        )

    def start(self) -> None:
        self._link.start()

    def stop(self) -> None:
        self._say(f"tele/{self.device}/LWT", "Offline", retained=True)
        self._link.stop()

    @property
    def connected(self) -> bool:
        return self._link.connected

    def joined(self) -> None:
        self._say(f"tele/{self.device}/LWT", "Online", retained=True)

    def left(self) -> None:
        return

    def turned(self) -> None:
        with self._lock:
            if self.on and time.monotonic() >= self._off_at:
                self._switch(on=False)

    def heard(self, message: Message) -> None:
        word = message.topic.rpartition("/")[2].upper()
        with self._lock:
            if word in ("POWER", "POWER1"):
                self._heard_power(message.payload.decode().upper())
            elif word in ("PULSETIME", "PULSETIME1"):
                self._heard_pulse(message.payload.decode())

    def _heard_power(self, wanted: str) -> None:
        if wanted in ("ON", "1"):
            self.actuations.append(time.monotonic())
            self._switch(on=True)
        elif wanted in ("OFF", "0"):
            self._switch(on=False)
        elif not wanted:
            # The habit that bites: the question stops the pulse.
            self._off_at = float("inf")
            self._state()

    def _heard_pulse(self, wanted: str) -> None:
        if wanted:
            self.pulse = int(wanted)
        left = max(0.0, self._off_at - time.monotonic()) if self.on else 0.0
        remaining = 0 if left == float("inf") else round(left * 10)
        body = {"PulseTime1": {"Set": self.pulse, "Remaining": remaining}}
        self._say(f"stat/{self.device}/RESULT", json.dumps(body))

    def _switch(self, *, on: bool) -> None:
        self.on = on
        seconds = self.pulse / 10 if self.pulse <= 111 else self.pulse - 100
        self._off_at = time.monotonic() + seconds if on and self.pulse else float("inf")
        self._state()

    def _state(self) -> None:
        state = "ON" if self.on else "OFF"
        self._say(f"stat/{self.device}/RESULT", json.dumps({self._power: state}))
        self._say(f"stat/{self.device}/{self._power}", state)

    def _say(self, topic: str, text: str, *, retained: bool = False) -> None:
        try:
            self._link.publish(Message(topic, text.encode(), retained))
        except RelayFault:
            return
