"""Roles and compartments: what somebody does in the network, and what is kept apart from what."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """What somebody does in the network."""

    COORDINATOR = "coordinator"
    OPERATOR = "operator"
    CASE_WORKER = "case worker"
    HOST = "house host"
    CLINICIAN = "clinician"
    LAWYER = "lawyer"
    PRESS = "press officer"
    AUDITOR = "auditor"


class Kind(StrEnum):
    """The compartments of a case."""

    FILE = "file"  # alias, needs, threats, safe times: what daily work needs
    IDENTITY = "identity"  # legal name, papers, relatives' addresses: opened by two of three custodians
    HEALTH = "health"
    MOVEMENT = "movement"
    HOUSE = "house"  # addresses of houses
    EVIDENCE = "evidence"
    TESTIMONY = "testimony"


ROLE_NAMES = {
    Role.COORDINATOR: _("coordinator"),
    Role.OPERATOR: _("operator"),
    Role.CASE_WORKER: _("case worker"),
    Role.HOST: _("house host"),
    Role.CLINICIAN: _("clinician"),
    Role.LAWYER: _("lawyer"),
    Role.PRESS: _("press officer"),
    Role.AUDITOR: _("auditor"),
}
KIND_NAMES = {
    Kind.FILE: _("working file"),
    Kind.IDENTITY: _("identity"),
    Kind.HEALTH: _("health"),
    Kind.MOVEMENT: _("movement"),
    Kind.HOUSE: _("house"),
    Kind.EVIDENCE: _("evidence"),
    Kind.TESTIMONY: _("testimony"),
}
