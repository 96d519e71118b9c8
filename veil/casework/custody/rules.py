"""What each role may do with custody."""

from veil.casework.network.roles import Role

_ASKERS = (Role.COORDINATOR, Role.CASE_WORKER, Role.CLINICIAN, Role.LAWYER)
RULES: dict[str, tuple[Role, ...]] = {
    "custody.see": tuple(Role),  # whoever is a custodian sees what waits for them; the others an empty page
    "custodian.name": (Role.COORDINATOR,),
    "identity.see": _ASKERS,
    "identity.write": _ASKERS,
    "identity.ask": _ASKERS,
    "identity.answer": tuple(Role),
    "slip.write down": tuple(Role),
}
