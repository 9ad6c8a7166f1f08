"""The desk: answers what the guard's pages and the command line ask of core."""

import hmac
import logging
import re
from collections.abc import Callable
from datetime import date

from edge import wire
from edge.core.enrolment_desk import EnrolmentDesk
from edge.core.eyes import Encoded
from edge.core.face_desk import FaceDesk
from edge.core.garage_desk import GarageDesk
from edge.core.lane_desk import LaneDesk
from edge.core.office import Asker, Office
from edge.core.pass_desk import PassDesk
from edge.core.phone_desk import PhoneDesk
from edge.core.register_desk import RegisterDesk, checked_name, resident_row
from edge.core.sheet_desk import SheetDesk
from edge.core.stay_desk import StayDesk
from edge.core.undo import Change, LastChanges
from edge.core.zone_desk import ZoneDesk
from gate.passes import read
from models.errors import InputError, KuahuError
from models.event import EventKind
from models.home import Home
from models.registry import Consent, ResidentKind
from models.user import Role, User
from models.visit import CodeFault

_PASS_ID = re.compile(r"[0-9a-f]{32}")
PAGE = 200

_log = logging.getLogger("kuahu.core")
Request = wire.AnyMessage


class Desk:
    """Answers one request at a time for each peer, on that peer's own thread."""

    def __init__(self, office: Office, zones: ZoneDesk | None = None) -> None:
        self._at = office
        self._changes = LastChanges()
        lanes = LaneDesk(office)
        self._seen_faces = seen_faces = FaceDesk(office)
        self._answers: dict[type, Callable[..., wire.AnyMessage | None]] = {
            wire.Check: lanes.check,
            wire.Call: lanes.call,
            wire.Stand: lanes.stand,
            wire.ResetHold: lanes.reset,
            wire.Rows: self._rows,
            wire.Crop: self._crop,
            wire.WhoIs: self._who,
            wire.FirstUser: self._first_user,
            wire.PutUser: self._put_user,
            wire.RemoveUser: self._remove_user,
            wire.Users: self._users,
            wire.AddResident: self._add_resident,
            wire.EnrolFace: self._enrol_face,
            wire.WithdrawFace: self._withdraw_face,
            wire.NotThatPerson: seen_faces.not_that_person,
            wire.ThatPerson: seen_faces.that_person,
            wire.AllowLearning: seen_faces.allow_learning,
            wire.EndLearning: seen_faces.end_learning,
            wire.SecondFactor: self._second_factor,
            wire.RemoveResident: self._remove_resident,
            wire.Residents: self._residents,
            wire.NotePass: self._note_pass,
            wire.RevokePass: self._revoke_pass,
            wire.Passes: self._passes,
            wire.Press: lanes.press,
            **GarageDesk(office).answers,
            **RegisterDesk(office, self._changes).answers,
            **EnrolmentDesk(office, seen_faces).answers,
            **PassDesk(office).answers,
            **PhoneDesk(office).answers,
            **SheetDesk(office).answers,
            **StayDesk(office).answers,
        }
        if zones is not None:
            self._answers |= {wire.ArmLoad: zones.arm, wire.Energy: zones.energy}

    def hear(self, peer: Asker, message: Request) -> None:
        """Answer a request; what cannot be met is answered with the reason in words."""
        answer_with = self._answers.get(type(message))
        if answer_with is None:
            _log.warning("%s sends %s, which is no request", peer.role, type(message).__name__)
            return
        ref: int = message.ref  # type: ignore[union-attr] # every request carries one
        try:
            said = answer_with(peer, message)
        except KuahuError as error:
            said = wire.Failed(ref, error.code, str(error), getattr(error, "word", ""))
        except ValueError as error:
            said = wire.Failed(ref, InputError.code, str(error))
        except Exception:  # noqa: BLE001 - as the comment says
            # One request, however odd, is no reason for the next one to go unanswered.
            _log.exception("%s could not be answered", type(message).__name__)
            said = wire.Failed(ref, "error", "this request could not be met; see the log")
        if said is not None:
            peer.tell(said)

    # --- journal -----------------------------------------------------------------------------

    def _rows(self, _peer: Asker, request: wire.Rows) -> wire.RowsAre:
        limit = min(request.limit, 200)
        rows = self._at.store.events(
            request.since, limit, newest=request.newest, before=request.before
        )
        return wire.RowsAre(request.ref, tuple(sorted(rows, key=lambda row: row.seq)))

    def _crop(self, _peer: Asker, request: wire.Crop) -> wire.CropIs:
        return wire.CropIs(request.ref, self._at.store.crop(request.seq) or b"")

    # --- accounts ----------------------------------------------------------------------------

    def _who(self, _peer: Asker, request: wire.WhoIs) -> wire.UserIs:
        user = self._at.store.user(request.name)
        if user is None:
            return wire.UserIs(request.ref, request.name, "", "")
        return wire.UserIs(request.ref, user.name, user.role, user.password_hash)

    def _first_user(self, _peer: Asker, request: wire.FirstUser) -> wire.Done:
        claim = self._at.places.claim
        code = claim.read_text("utf-8").strip() if claim.exists() else ""
        right = hmac.compare_digest(code.encode(), request.claim.strip().encode())
        if self._at.store.users() or not code or not right:
            message = "this claim code is not valid, or this site has been claimed already"
            raise InputError(message)
        user = User(request.name, Role.MANAGER, request.password_hash)
        self._at.store.add_user(user, self._at.clock.now())
        claim.unlink(missing_ok=True)
        self._note("site_claimed", request.name)
        self._at.changed()
        return wire.Done(request.ref)

    def _put_user(self, _peer: Asker, request: wire.PutUser) -> wire.Done:
        store, now = self._at.store, self._at.clock.now()
        if store.user(request.name) is None:
            store.add_user(User(request.name, Role(request.role), request.password_hash), now)
            self._at.places.claim.unlink(missing_ok=True)
            self._note("user_added", request.name)
            self._at.changed()
        else:
            store.set_password(request.name, request.password_hash)
            self._note("user_reset", request.name)
        return wire.Done(request.ref)

    def _remove_user(self, _peer: Asker, request: wire.RemoveUser) -> wire.Done:
        self._at.store.remove_user(request.name)
        self._note("user_removed", request.name)
        return wire.Done(request.ref)

    def _users(self, _peer: Asker, request: wire.Users) -> wire.UsersAre:
        return wire.UsersAre(
            request.ref, tuple((user.name, user.role.value) for user in self._at.store.users())
        )

    # --- people ------------------------------------------------------------------------------

    def _add_resident(self, _peer: Asker, request: wire.AddResident) -> wire.Done:
        _check_consent(request.photos, request.consent, request.by)
        home, kind = Home.parse(request.home), ResidentKind(request.kind)
        name = checked_name(request.name)
        if any(one.name == name for one in self._at.store.changes.household(home).people):
            message = f"{name} of {home} is on the register already; change that row"
            raise InputError(message, "person_known")
        until = date.fromisoformat(request.until) if request.until else None
        faces = self._faces(request.photos)
        now = self._at.clock.now()
        resident = self._at.store.add_resident(name, home, kind, until, now)
        if faces.templates and request.consent:
            consent = Consent(
                request.consent, now.utc, request.channel, request.by, request.guardian
            )
            try:
                self._at.store.enrol(resident.resident_id, consent, faces.templates, now)
            except KuahuError:
                # Whoever tries again must not be on the register twice.
                self._at.store.remove_resident(resident.resident_id, now)
                raise
            self._at.eyes.refresh()
        self._note("resident_added", request.by)
        noticed = self._seen_faces.noticed(faces, resident.resident_id)
        return wire.Done(request.ref, resident.resident_id, noticed)

    def _enrol_face(self, _peer: Asker, request: wire.EnrolFace) -> wire.Done:
        _check_consent(request.photos, request.consent, request.by)
        self._must_have(request.resident)
        faces = self._faces(request.photos)
        now = self._at.clock.now()
        consent = Consent(request.consent, now.utc, "desk", request.by, request.guardian)
        self._at.store.enrol(request.resident, consent, faces.templates, now)
        self._at.eyes.refresh()
        return wire.Done(request.ref, note=self._seen_faces.noticed(faces, request.resident))

    def _withdraw_face(self, _peer: Asker, request: wire.WithdrawFace) -> wire.Done:
        self._must_have(request.resident)
        now = self._at.clock.now()
        self._at.store.withdraw_face(request.resident, now)
        self._changes.keep(request.by, Change("face_withdrawn", ""), now)
        self._at.eyes.refresh()
        # The store wrote the row itself: the pages forget a name once they see it.
        for row in self._at.store.events(newest=True, limit=1):
            self._at.announce(row.seq)
        return wire.Done(request.ref)

    def _second_factor(self, _peer: Asker, request: wire.SecondFactor) -> wire.Done:
        self._must_have(request.resident)
        now = self._at.clock.now()
        self._at.store.mark_second_factor(request.resident, request.on, request.by, now)
        self._at.eyes.refresh()
        # The store wrote the row itself, with the name.
        for row in self._at.store.events(newest=True, limit=1):
            self._at.announce(row.seq)
        return wire.Done(request.ref)

    def _faces(self, photos: tuple[str, ...]) -> Encoded:
        return self._at.eyes.encode(photos) if photos else Encoded((), 0)

    def _must_have(self, resident: str) -> None:
        if self._at.store.resident(resident) is None:
            message = f"there is no resident {resident}; see `kuahu resident list`"
            raise InputError(message)

    def _remove_resident(self, _peer: Asker, request: wire.RemoveResident) -> wire.Done:
        self._must_have(request.resident)
        now = self._at.clock.now()
        receipt = self._at.store.remove_resident(request.resident, now)
        self._changes.forget(request.resident)
        self._changes.keep(request.by, Change("resident_removed", ""), now)
        self._at.eyes.refresh()
        self._note("resident_removed", request.by)
        text = (
            f"erased {receipt.resident_id}, with the personal part of {receipt.events} events; "
            f"the last copy of the key ends on {receipt.keys_expire.isoformat()}"
        )
        return wire.Receipt(
            request.ref,
            text,
            resident=receipt.resident_id,
            at=receipt.at.isoformat(),
            keys_expire=receipt.keys_expire.isoformat(),
            events=receipt.events,
        )

    def _residents(self, _peer: Asker, request: wire.Residents) -> wire.ResidentsAre:
        learners = self._at.store.lessons.learners()
        every = self._at.store.residents()[request.skip : request.skip + PAGE]
        rows = tuple(resident_row(one, learners) for one in every)
        return wire.ResidentsAre(request.ref, rows)

    # --- passes ------------------------------------------------------------------------------

    def _note_pass(self, _peer: Asker, request: wire.NotePass) -> wire.Done:
        claims = read(request.token, self._at.keys())
        if isinstance(claims, CodeFault):
            message = f"this pass is {claims.value}; was it issued for this compound?"
            raise InputError(message)
        now = self._at.clock.now()
        self._at.store.note_pass(claims, request.label, request.by, now, request.plate or None)
        self._note("pass_issued", request.by)
        return wire.Done(request.ref, claims.pass_id)

    def _revoke_pass(self, _peer: Asker, request: wire.RevokePass) -> wire.Done:
        pass_id = request.pass_id.strip().lower()
        if _PASS_ID.fullmatch(pass_id) is None:
            message = f"{request.pass_id!r} is no pass id: those are 32 hex digits, see `pass list`"
            raise InputError(message)
        self._at.store.revoke_pass(pass_id, self._at.clock.now())
        self._note("pass_revoked", request.by)
        issued = any(one.claims.pass_id == pass_id for one in self._at.store.passes())
        return wire.Done(
            request.ref, note="" if issued else "it was not issued here; it is revoked all the same"
        )

    def _passes(self, _peer: Asker, request: wire.Passes) -> wire.PassesAre:
        store = self._at.store
        rows = tuple(
            wire.PassRow(
                one.claims.pass_id,
                one.label,
                one.claims.kind,
                one.claims.not_before.isoformat(),
                one.claims.expires.isoformat(),
                one.claims.uses,
                len(store.pass_state(one.claims.pass_id).uses),
                one.revoked,
            )
            for one in store.passes()[request.skip : request.skip + PAGE]
        )
        return wire.PassesAre(request.ref, rows)

    def _note(self, reason: str, who: str) -> None:
        seq = self._at.store.note(EventKind.ADMIN, reason, self._at.clock.now(), who=who)
        self._at.announce(seq)


def _check_consent(photos: tuple[str, ...], consent: str | None, by: str) -> None:
    if photos and not (consent and by):
        message = (
            "a photo needs the resident's consent: add --consent VERSION --by WHO; "
            "without a photo the resident can use passes"
        )
        raise InputError(message)
