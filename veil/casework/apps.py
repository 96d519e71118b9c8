"""The casework wing as Django knows it."""

from django.apps import AppConfig


class Casework(AppConfig):
    """Names the application."""

    name = "veil.casework"
    label = "casework"
