"""What each role may do in the network itself."""

from veil.casework.network.roles import Role

EVERYBODY = tuple(Role)
RULES: dict[str, tuple[Role, ...]] = {
    "board.see": (Role.COORDINATOR, Role.OPERATOR, Role.CASE_WORKER, Role.HOST, Role.CLINICIAN, Role.LAWYER),
    "worker.see": (Role.COORDINATOR,),
    "worker.see own": EVERYBODY,
    "own.change": EVERYBODY,
    "alarm.see": (Role.COORDINATOR,),
    "worker.add": (Role.COORDINATOR,),
    "worker.revoke": (Role.COORDINATOR,),
    "audit.see": (Role.AUDITOR,),
}
