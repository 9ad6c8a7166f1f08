"""A simulated panel's control socket: one JSON object a line, as at a gate's (sim_control).

Words: `sense` with `input` and `on`, `plug_in` with `output` and `amps`, `cut` and `mend` with
`input`, `reboot`, `unplug`, `plug`, `state`; see docs/lights.md.
"""

from collections.abc import Callable

import msgspec

from mqtt_bridge.sim_panel import PanelSimulator


class PanelPoke(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the control socket."""

    do: str
    input: str = ""
    on: bool = True
    output: str = ""
    amps: float = 0.0


class PanelReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer of the control socket; `levels` is what every output really is."""

    ok: bool
    error: str = ""
    levels: dict[str, int] = {}


def obey(panel: PanelSimulator, line: bytes) -> PanelReply:
    """Do what one line says and return the answer; never raises."""
    try:
        poke = msgspec.json.decode(line, type=PanelPoke)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return PanelReply(ok=False, error=f"not understood: {error}")
    deeds: dict[str, Callable[[], None]] = {
        "sense": lambda: panel.sense(poke.input, on=poke.on),
        "plug_in": lambda: panel.plug_in(poke.output, poke.amps),
        "cut": lambda: panel.cut(poke.input),
        "mend": lambda: panel.mend(poke.input),
        "reboot": panel.reboot,
        "unplug": panel.unplug,
        "plug": panel.plug,
        "state": lambda: None,
    }
    deed = deeds.get(poke.do)
    if deed is None:
        return PanelReply(ok=False, error=f"no such word: {poke.do}; words: {', '.join(deeds)}")
    deed()
    return PanelReply(ok=True, levels=panel.levels)
