"""What each role may do with requests."""

from veil.casework.network.roles import Role

_HOTLINE = (Role.OPERATOR, Role.COORDINATOR)
RULES: dict[str, tuple[Role, ...]] = {
    "request.see": _HOTLINE,
    "request.enter": _HOTLINE,
    "request.change": _HOTLINE,
    "request.take": _HOTLINE,
    "request.screen": _HOTLINE,
    "request.answer": _HOTLINE,
    "request.introduce": _HOTLINE,
    "request.accept": (Role.COORDINATOR,),  # the second look; it also makes keys that an operator may never hold
    "request.trap": _HOTLINE,
    "request.take in hand": (Role.COORDINATOR,),
    "request.clear trap": (Role.COORDINATOR,),
    "request.open form": (Role.COORDINATOR,),
}
