"""A network loaded into ONNX Runtime; the one file here that imports it."""

import numpy as np
import onnxruntime  # type: ignore[import-untyped] # it ships no types
from numpy.typing import NDArray

from models.errors import RecogniserFault

Floats = NDArray[np.float32]


class Session:
    """One network on one thread; `content` is the file, already checked by its sha256.

    Raises RecogniserFault when it cannot be loaded.
    """

    def __init__(self, content: bytes, name: str) -> None:
        options = onnxruntime.SessionOptions()
        # A second thread speeds neither network's pipeline up and doubles the processor's time.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._name = name
        try:
            self._net = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
            self._input = self._net.get_inputs()[0].name
            self.words: dict[str, str] = dict(self._net.get_modelmeta().custom_metadata_map)
        except Exception as error:  # the library's errors share no class of their own
            raise _fault(self._name, "cannot be loaded", error) from error

    def run(self, batch: Floats) -> tuple[Floats, ...]:
        """Return the network's outputs in their order.

        Raises RecogniserFault when it breaks.
        """
        try:
            return tuple(self._net.run(None, {self._input: batch}))
        except Exception as error:
            raise _fault(self._name, "broke", error) from error


def _fault(name: str, what: str, error: Exception) -> RecogniserFault:
    message = f"the {name} {what}: ONNX Runtime says {str(error).strip()[:200]!r}"
    return RecogniserFault(message, part="plates", advice="see docs/plates.md")
