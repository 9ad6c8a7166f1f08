"""Whether the pictures of a live camera can be believed, in the words of wire.CameraState."""

from recognition.face import Pixels
from recognition.picture_health import Health, HealthRules, PictureFault, examine

_WORDS = {
    PictureFault.FROZEN: "frozen",
    PictureFault.DARK: "black",
    PictureFault.COVERED: "black",
}
ADVICE = {
    "frozen": "the picture stands still: restart the camera",
    "black": "the picture is black or of one tone: look for a covered lens or a missing lamp",
}


class PictureJudge:
    """Remembers the pictures of one open camera; for its reader's thread."""

    def __init__(self, rules: HealthRules | None = None) -> None:
        self._rules = rules or HealthRules()
        self._health = Health()

    def judge(self, pixels: Pixels, at: float) -> str | None:
        """Return `black` or `frozen`, or None for a picture that can be believed.

        `at` is seconds of CLOCK_MONOTONIC.
        """
        self._health, fault = examine(self._health, pixels, at, self._rules)
        return None if fault is None else _WORDS[fault]
