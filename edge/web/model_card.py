"""The model card as a page: what recognition was measured to do, for whoever trusts it."""

from fastapi.responses import Response

from config.model_card import model_card
from edge.web.house import Asking, Here

_CARD = model_card()


async def page(house: Here, caller: Asking) -> Response:
    """Return the model card, with the engines and the target of this site."""
    return house.pages.page(
        caller,
        "model_card.html",
        card=_CARD,
        chosen=house.settings.recognition,
        limits=tuple(each[caller.language] for each in _CARD.limits),
    )
