"""What SFace's vectors of many people have in common, as measured: their middle and their spread.

Measured once on 529 strangers and 132 others; how, and how well it holds on people who were left
out, is in docs/recognition.md. It is true of one file of weights only, which is named here.
"""

import numpy as np
from numpy.typing import NDArray

from recognition.threshold import Impostors

WEIGHTS = "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee"
"""The sha256 of the weights that this was measured with."""

IMPOSTORS = Impostors(mean=0.0, deviation=0.0945, floor=0.39)
"""How alike a stranger and one resident are, after the middle was taken away."""

_TEN_THOUSANDTHS = (
    -616, -152, 384, 155, 433, 348, 209, 143, -332, 101, -164, 337, -66, 22, 233, -104, -470, -185,
    -711, 125, 32, 74, 159, -172, 23, -106, -162, -86, -29, -163, 60, 481, 75, -79, 90, 97, -275,
    311, 161, 73, 283, -268, -140, 66, 124, -30, -194, 321, -137, 46, -223, 157, 78, 140, -163,
    -246, 301, -207, -141, 69, -23, 468, -797, 90, 168, -166, 47, -107, 34, -90, 390, -172, -22,
    -207, 239, -243, -153, -64, -541, 6, -211, -25, -215, 63, -328, -68, 254, -141, -156, -69, -8,
    317, 599, 242, -320, -331, -21, 418, -154, 76, 99, -244, -240, -508, -37, -279, -110, 104, 449,
    -216, 330, -211, -227, -96, 468, 289, -265, 32, 153, -11, -208, -312, 455, -95, 299, -276, -142,
    198,
)  # fmt: skip

MIDDLE: NDArray[np.float32] = np.array(_TEN_THOUSANDTHS, np.float32) / np.float32(10_000)
"""The mean vector of a face and its mirror image: what every face has, and so tells nobody apart.

Taking it away keeps strangers further apart than residents from themselves.
"""
