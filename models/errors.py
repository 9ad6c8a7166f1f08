"""Everything that can go wrong, as one tree. A refusal is not here: it is a `Reason`.

KuahuError
|- ConfigError              at start only: names file, key and what was expected; exit 78
|- InputError               a person gave something unusable; says what to do instead
`- Fault                    the world failed; retried by its owner, shown to the guard
   |- CameraFault
   |- RecogniserFault
   |- RelayFault
   |- StoreFault
   `- CentreFault
"""


class KuahuError(Exception):
    """Something went wrong."""

    code = "error"


class ConfigError(KuahuError):
    """The settings cannot be used as they are."""

    code = "config"


class InputError(KuahuError):
    """What was given cannot be used as it is; `word` is the rule, where screens translate it."""

    code = "input"

    def __init__(self, message: str, word: str = "") -> None:
        super().__init__(message)
        self.word = word


class Fault(KuahuError):  # noqa: N818 - "Fault" is the glossary's word for it
    """A part of the world failed; `part` names it, `advice` says what a person can do."""

    code = "fault"

    def __init__(self, message: str, *, part: str = "", advice: str = "") -> None:
        super().__init__(message)
        self.part = part
        self.advice = advice


class CameraFault(Fault):
    """A camera gives no usable picture."""

    code = "camera"


class RecogniserFault(Fault):
    """An engine cannot be trusted to recognise: weights missing, wrong or broken."""

    code = "recogniser"


class RelayFault(Fault):
    """A relay cannot be reached or does not answer."""

    code = "relay"


class StoreFault(Fault):
    """The store cannot be written or read."""

    code = "store"


class CentreFault(Fault):
    """The centre cannot be reached or answered out of turn."""

    code = "centre"
