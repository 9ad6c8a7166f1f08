"""Weights, read from disk only if they are exactly the pinned ones."""

import hashlib

from models.errors import RecogniserFault
from models.weights import WeightFile


def read_weights(weights: WeightFile) -> bytes:
    """Return the file's content, whose sha256 is the pinned one.

    The content is hashed after reading and handed on from memory, so that what was checked is what
    is loaded. Raises RecogniserFault naming the file, what was expected and what was found.
    """
    advice = f"install {weights.source} again, then start Kuahu again"
    try:
        content = weights.path.read_bytes()
    except OSError as error:
        message = (
            f"the weights {weights.path} cannot be read ({error.strerror or error}); "
            f"expected sha256 {weights.sha256}; {advice}"
        )
        raise RecogniserFault(message, part="weights", advice=advice) from error
    found = hashlib.sha256(content).hexdigest()
    if found != weights.sha256:
        message = (
            f"the weights {weights.path} are not the pinned ones and are not used: "
            f"expected sha256 {weights.sha256}, found {found}; {advice}"
        )
        raise RecogniserFault(message, part="weights", advice=advice)
    return content
