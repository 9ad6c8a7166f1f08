"""Faces at the desk: whose face it was, or was not, and whom a new face looks like already."""

from edge import wire
from edge.core.eyes import Encoded
from edge.core.office import MOST_ROWS, Asker, Office
from models.errors import InputError
from models.registry import Consent


class FaceDesk:
    """Answers what is asked about faces that were seen, on the asker's own thread."""

    def __init__(self, office: Office) -> None:
        self._at = office

    def not_that_person(self, _peer: Asker, request: wire.NotThatPerson) -> wire.Done:
        """Keep the face of a row against the resident whom the row names."""
        faces = self._at.eyes.encode((), (self._picture(request.seq),))
        now = self._at.clock.now()
        self._at.store.lessons.not_that_person(request.seq, faces.templates, request.by, now)
        self._tell()
        return wire.Done(request.ref)

    def that_person(self, _peer: Asker, request: wire.ThatPerson) -> wire.Done:
        """Learn the face of a row as the resident's whom the row names, who has agreed to that.

        The guard who looks at the picture is the proof that does not rest on the face's score.
        """
        picture, store = self._picture(request.seq), self._at.store
        whose = store.lessons.of(request.seq).resident_id
        faces = self._at.eyes.encode((), (picture,), whose)
        store.lessons.keep(request.seq, faces.templates, request.by, self._at.clock.now())
        self._tell()
        return wire.Done(request.ref)

    def allow_learning(self, _peer: Asker, request: wire.AllowLearning) -> wire.Done:
        """Write down a resident's consent that confirmed passages are learnt from."""
        if not (request.consent and request.by):
            message = "learning needs the resident's consent: add --consent VERSION --by WHO"
            raise InputError(message)
        now = self._at.clock.now()
        given = Consent(request.consent, now.utc, request.channel, request.by, request.guardian)
        self._at.store.lessons.allow(request.resident, given, now)
        self._tell()
        return wire.Done(request.ref)

    def end_learning(self, _peer: Asker, request: wire.EndLearning) -> wire.Done:
        """End that consent; what was learnt is destroyed before this is answered."""
        self._at.store.lessons.end(request.resident, request.by, self._at.clock.now())
        self._tell()
        return wire.Done(request.ref)

    def _picture(self, seq: int) -> bytes:
        if not 0 < seq < MOST_ROWS:
            message = f"{seq} is no row of the journal"
            raise InputError(message)
        picture = self._at.store.crop(seq)
        if not picture:
            message = f"row {seq} has no picture (any more), so nothing can be learnt of it"
            raise InputError(message)
        return picture

    def _tell(self) -> None:
        """Send the gallery as it is now, and show the row that the store has just written."""
        self._at.eyes.refresh()
        for row in self._at.store.events(newest=True, limit=1):
            self._at.announce(row.seq)

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
