"""What is not there, or is not the caller's: one answer for both, so that nobody can tell."""

from models.errors import InputError


class Absent(InputError):  # noqa: N818 - it names what was asked for, as its parent does
    """There is no such thing for this caller; pages answer 404."""

    code = "absent"
