"""The size of a JPEG, read from its header alone."""

_START = b"\xff\xd8"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_END = frozenset({0xD9, 0xDA})


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels, or None when `data` is not a JPEG with a frame header.

    ITU-T T.81, annex B: markers of a segment are followed by its length, and a start-of-frame
    segment holds precision, height and width.
    """
    if not data.startswith(_START):
        return None
    at = len(_START)
    while at + 4 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004 - every marker starts so
        marker = data[at + 1]
        if marker == 0xFF:  # noqa: PLR2004 - fill bytes may stand before a marker
            at += 1
        elif marker in _ALONE:
            at += 2
        elif marker in _END:
            return None
        else:
            length = int.from_bytes(data[at + 2 : at + 4], "big")
            if marker in _FRAMES:
                return _size(data[at + 4 : at + 2 + length])
            at += 2 + max(length, 2)
    return None


def _size(segment: bytes) -> tuple[int, int] | None:
    if len(segment) < 5:  # noqa: PLR2004 - precision, height, width
        return None
    height, width = int.from_bytes(segment[1:3], "big"), int.from_bytes(segment[3:5], "big")
    return (width, height) if width and height else None
