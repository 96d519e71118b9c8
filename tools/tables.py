"""Writes the step that a change of tables needs: ``python -m tools.tables NAME``; `missing` tells if one is owed."""

import sys
from pathlib import Path
from typing import Any

from veil.casework.ready import ready


def missing(name: str | None = None) -> list[Any]:
    """Return the steps that the tables of today need and nobody has written yet."""
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    loader = MigrationLoader(None, ignore_no_migrations=True)
    changed = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    found: dict[str, list[Any]] = changed.changes(graph=loader.graph, migration_name=name)
    return found.get("casework", [])


def main() -> int:
    """Write what is missing beside the steps that are there."""
    ready(Path("nowhere"))
    from django.db.migrations.writer import MigrationWriter

    for step in missing(sys.argv[1] if len(sys.argv) > 1 else None):
        writer = MigrationWriter(step, include_header=False)
        text = f'"""Step {step.name} of the tables."""\n\n{writer.as_string()}'
        Path(writer.path).write_text(text, encoding="utf-8")
        print(writer.path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
