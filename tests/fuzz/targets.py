"""What is fed with bytes: each target takes any bytes and lets out nothing but what is declared.

A target that finds a broken promise fails; whatever else comes out is a bug too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

CORPUS = Path(__file__).with_name("corpus")
Feed = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Target:
    """One way in: the module that feeds it, what is instrumented, and how long inputs may be."""

    module: str
    instrumented: tuple[str, ...]
    longest: int = 4096

    @property
    def name(self) -> str:
        return self.module.rpartition(".")[2].removesuffix("_target")

    @property
    def kept(self) -> tuple[Path, ...]:
        """The inputs that are replayed at every run."""
        return tuple(sorted((CORPUS / self.name).iterdir()))


_ALL = (
    Target("tests.fuzz.code_target", ("gate", "edge.facts", "edge.store.body", "base45")),
    Target("tests.fuzz.mqtt_target", ("mqtt_bridge",)),
    Target("tests.fuzz.picture_target", ("edge.cameras", "recognition", "PIL"), 65_536),
    Target("tests.fuzz.config_target", ("config", "tomllib")),
    Target("tests.fuzz.wire_target", ("edge.wire", "edge.sync", "central.batch", "gate.pass_keys")),
)
TARGETS: Mapping[str, Target] = MappingProxyType({one.name: one for one in _ALL})


def in_words(error: Exception, *names: str) -> None:
    """Fail unless an error says something, and says these names."""
    text = str(error)
    assert text.strip(), "an error that says nothing"
    assert all(name in text for name in names), text
