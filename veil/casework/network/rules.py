"""What each role may do in the network itself."""

from veil.casework.network.roles import Role

EVERYBODY = tuple(Role)
KEY_HOLDERS = tuple(role for role in Role if role != Role.AUDITOR)
RULES: dict[str, tuple[Role, ...]] = {
    "board.see": EVERYBODY,  # the first page after the lock; a custodian of any role is asked there
    "worker.list": (Role.COORDINATOR,),
    "worker.see": (Role.COORDINATOR,),
    "worker.see own": EVERYBODY,
    "own.change": EVERYBODY,
    "alarm.see": (Role.COORDINATOR,),
    "worker.add": (Role.COORDINATOR,),
    "worker.confirm": (Role.COORDINATOR,),
    "worker.revoke": (Role.COORDINATOR,),
    "settings.change": (Role.COORDINATOR,),
    "worker.limits": (Role.COORDINATOR,),
    "work.hand over": KEY_HOLDERS,
    "key.share": KEY_HOLDERS,
    "bait.set": (Role.COORDINATOR,),
    "audit.see": (Role.AUDITOR,),
}
