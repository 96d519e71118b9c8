"""What each role may do with cases."""

from veil.casework.network.roles import Role

_WORKERS = (Role.COORDINATOR, Role.CASE_WORKER)
RULES: dict[str, tuple[Role, ...]] = {
    "case.see": _WORKERS,
    "case.open": _WORKERS,
    "case.change": _WORKERS,
    "case.step": _WORKERS,
    "case.accept": (Role.COORDINATOR,),
    "case.close": (Role.COORDINATOR,),
    "case.share": _WORKERS,
    "person.see": _WORKERS,
    "person.change": _WORKERS,
    "consent.ask": _WORKERS,
    "risk.assess": _WORKERS,
    "check.make": _WORKERS,
    "credibility.decide": _WORKERS,
    "entrust": _WORKERS,
    "care.see": (Role.CLINICIAN,),
    "care.note": (Role.CLINICIAN,),
    "testimony.see": (Role.LAWYER, Role.PRESS),
    "testimony.note": (Role.LAWYER,),
}
