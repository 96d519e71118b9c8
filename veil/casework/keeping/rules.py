"""What each role may do about keeping and destroying."""

from veil.casework.network.roles import Role

RULES: dict[str, tuple[Role, ...]] = {
    "clock.see": (Role.COORDINATOR, Role.OPERATOR, Role.CASE_WORKER, Role.HOST),
    "clock.renew": (Role.COORDINATOR,),
    "clock.set right": (Role.COORDINATOR,),
    "record.purge": (Role.COORDINATOR,),
    "vault.backup": (Role.COORDINATOR,),
    "vault.verify": (Role.COORDINATOR, Role.AUDITOR),
}
