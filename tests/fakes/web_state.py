"""The state of a site in which nothing is wrong."""

import msgspec

from config.settings import Settings
from edge import wire


def sound_site(settings: Settings) -> wire.Site:
    """Return `settings` as core tells it: every lane closed, every camera live, unclaimed."""
    kiosks = {camera.id for camera in settings.camera if camera.source == "kiosk"}
    return wire.Site(
        name=settings.site.name,
        timezone=settings.site.timezone,
        lanes=tuple(
            wire.LaneState(
                number=lane.number,
                name=lane.name,
                kind=lane.kind,
                directions=tuple(sorted(lane.directions)),
                drive=lane.drive,
                barrier="closed",
                measured=True,
                occupied=False,
                relay_ok=True,
                liveness=lane.liveness,
                demo=lane.demo,
                cameras=tuple(dict.fromkeys(view.camera for view in lane.view)),
                kiosk=any(view.camera in kiosks for view in lane.view),
            )
            for lane in settings.lane
        ),
        cameras=tuple(
            wire.CameraState(camera.id, ok=True, state="live") for camera in settings.camera
        ),
        faults=(),
        backlog=0,
        quarantined=0,
        centre="ok",
        claimed=False,
        unrecorded=0,
        time_trust="trusted",
    )


def armed(loads: tuple[wire.LoadState, ...], one: str) -> tuple[wire.LoadState, ...]:
    """Return the sockets with one of them switched on by a guard."""
    return tuple(
        msgspec.structs.replace(each, power="on", cause="guard", left=3600.0)
        if each.id == one
        else each
        for each in loads
    )
