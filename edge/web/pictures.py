"""Pictures: what the cameras see now, and the crops kept as evidence."""

from typing import Annotated

from fastapi import Query
from fastapi.responses import Response

from edge import wire
from edge.channel import ChannelFault, Refused
from edge.web.house import Here
from edge.web.numbers import Seq
from edge.web.picture import Picture

NEWEST_FOR = 0.2
"""Seconds for which a picture is the newest: at most five a second leave vision for all pages."""
_JPEG = "image/jpeg"


async def lane_picture(
    camera: str, house: Here, after: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """Return a camera's newest picture, or 204 when there is none newer than number `after`."""
    if camera not in {each.id for each in house.settings.camera}:
        return Response(status_code=404)
    held = house.pictures.get(camera)
    if held is None or house.mono() - held.at > NEWEST_FOR:
        number = held.number if held else 0
        try:
            answer = await house.eye.ask(
                lambda ref: wire.Preview(ref, camera, min(after, number)),
                wire.PreviewIs,
                within=2.0,
            )
        except (ChannelFault, Refused):
            return Response(status_code=503)
        if answer.jpeg:
            held = Picture(answer.number, answer.jpeg, house.mono())
            house.pictures[camera] = held
    if held is None or held.number == after:
        return Response(status_code=204)
    return Response(held.jpeg, media_type=_JPEG, headers={"x-number": str(held.number)})


async def evidence(seq: Seq, house: Here) -> Response:
    """Return the crop that was kept with a row; 404 once its time is over."""
    try:
        crop = await house.core.ask(lambda ref: wire.Crop(ref, seq), wire.CropIs)
    except Refused:
        return Response(status_code=404)
    except ChannelFault:
        return Response(status_code=503)
    if not crop.jpeg:
        return Response(status_code=404)
    return Response(crop.jpeg, media_type=_JPEG)
