"""Faces at the desk: "this was not that person", and whom a new face looks like already."""

from edge import wire
from edge.core.eyes import Encoded
from edge.core.office import MOST_ROWS, Asker, Office
from models.errors import InputError


class FaceDesk:
    """Answers what is asked about faces that were seen, on the asker's own thread."""

    def __init__(self, office: Office) -> None:
        self._at = office

    def not_that_person(self, _peer: Asker, request: wire.NotThatPerson) -> wire.Done:
        """Keep the face of a row against the resident whom the row names."""
        if not 0 < request.seq < MOST_ROWS:
            message = f"{request.seq} is no row of the journal"
            raise InputError(message)
        store = self._at.store
        picture = store.crop(request.seq)
        if not picture:
            message = f"row {request.seq} has no picture (any more), so nothing can be learnt of it"
            raise InputError(message)
        faces = self._at.eyes.encode((), (picture,))
        store.not_that_person(request.seq, faces.templates, request.by, self._at.clock.now())
        self._at.eyes.refresh()
        for row in store.events(newest=True, limit=1):
            self._at.announce(row.seq)
        return wire.Done(request.ref)

    def noticed(self, faces: Encoded, resident_id: str | None = None) -> str:
        """Return what whoever enrols should know of these faces, empty where there is nothing."""
        notes = []
        if faces.bystanders:
            left_out = f"smaller faces left out: {faces.bystanders}; was the right person enrolled?"
            notes.append(left_out)
        for other in faces.alike:
            person = self._at.store.resident(other) if other != resident_id else None
            if person is not None:
                notes.append(
                    f"this face looks like {person.name} of {person.home}, who is enrolled too: "
                    "if it is the same person, remove one of the two; if not, the gate may ask "
                    "either of them for another way in"
                )
        return "; ".join(notes)
