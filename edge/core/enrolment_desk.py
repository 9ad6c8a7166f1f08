"""Faces that are enrolled at the desk: a still is looked at, then one becomes a template."""

from collections.abc import Callable

from edge import wire
from edge.core.eyes import PhotoUnfit
from edge.core.face_desk import FaceDesk
from edge.core.office import Asker, Office
from edge.core.register_desk import must_have
from models.errors import InputError
from models.registry import Consent


class EnrolmentDesk:
    """Hands photos to vision and keeps templates; the photos themselves are kept nowhere."""

    def __init__(self, office: Office, faces: FaceDesk) -> None:
        self._at = office
        self._faces = faces
        self.answers: dict[type, Callable[..., wire.AnyMessage]] = {
            wire.CheckPhoto: self._check,
            wire.EnrolPhoto: self._enrol,
        }

    def _check(self, _peer: Asker, request: wire.CheckPhoto) -> wire.Done:
        """Answer with the word of what is wrong with a photo, empty where it could be enrolled."""
        try:
            self._at.eyes.check(request.jpeg)
        except PhotoUnfit as unfit:
            return wire.Done(request.ref, unfit.word)
        return wire.Done(request.ref)

    def _enrol(self, _peer: Asker, request: wire.EnrolPhoto) -> wire.Done:
        if not (request.consent and request.by):
            message = "a photo needs the resident's consent: which text, and who read it"
            raise InputError(message)
        must_have(self._at, request.resident)
        faces = self._at.eyes.encode((request.jpeg,))
        now = self._at.clock.now()
        consent = Consent(request.consent, now.utc, request.channel, request.by, request.guardian)
        self._at.store.enrol(request.resident, consent, faces.templates, now)
        self._at.eyes.refresh()
        for row in self._at.store.events(newest=True, limit=1):
            self._at.announce(row.seq)
        return wire.Done(request.ref, note=self._faces.noticed(faces, request.resident))
