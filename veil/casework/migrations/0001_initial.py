"""Step 0001_initial of the tables."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Access",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("hours", models.IntegerField()),
                ("state", models.CharField(default="asked", max_length=10)),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("who", models.UUIDField()),
                ("act", models.CharField(max_length=40)),
                ("what", models.UUIDField(null=True)),
                ("link", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="Backup",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("folder", models.TextField(unique=True)),
                ("noise", models.TextField()),
                ("made", models.DateTimeField()),
                ("owed", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("code", models.CharField(max_length=8)),
                ("state", models.CharField(default="requested", max_length=20)),
                ("before", models.CharField(default="", max_length=20)),
                ("priority", models.CharField(default="normal", max_length=10)),
                ("owner", models.UUIDField(db_index=True, null=True)),
                ("since", models.DateTimeField()),
                ("changed", models.DateTimeField()),
                ("risk_due", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="CheckIn",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("of", models.UUIDField(db_index=True)),
                ("code", models.CharField(max_length=10)),
                ("first_due", models.DateTimeField()),
                ("due", models.DateTimeField(db_index=True)),
                ("grace", models.DurationField()),
                ("every_min", models.IntegerField(null=True)),
                ("steps", models.JSONField()),
                ("state", models.CharField(max_length=20)),
                ("turn", models.IntegerField(default=0)),
                ("last", models.DateTimeField(null=True)),
                ("by", models.UUIDField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Clock",
            fields=[
                ("what", models.UUIDField(primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("thing", models.CharField(max_length=20)),
                ("due", models.DateTimeField(db_index=True)),
                ("warned", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("call_sign", models.CharField(max_length=40)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("coordinator", "coordinator"),
                            ("operator", "operator"),
                            ("case worker", "case worker"),
                            ("house host", "house host"),
                            ("clinician", "clinician"),
                            ("lawyer", "lawyer"),
                            ("press officer", "press officer"),
                            ("auditor", "auditor"),
                        ],
                        max_length=20,
                    ),
                ),
                ("public", models.BinaryField(max_length=32)),
                ("slot", models.IntegerField()),
                ("other_slot", models.IntegerField()),
                ("since", models.DateTimeField()),
                ("ended", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Doomed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.IntegerField(db_index=True, null=True)),
                ("file", models.UUIDField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Envelope",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="House",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("code", models.CharField(max_length=7, unique=True)),
                ("capacity", models.PositiveSmallIntegerField()),
                ("state", models.CharField(default="open", max_length=20)),
                ("rests_until", models.DateTimeField(null=True)),
                ("since", models.DateTimeField()),
                ("changed", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("of", models.UUIDField(db_index=True)),
                ("code", models.CharField(max_length=10)),
                ("kind", models.CharField(max_length=20)),
                ("state", models.CharField(max_length=20)),
                ("since", models.DateTimeField()),
                ("by", models.UUIDField()),
            ],
        ),
        migrations.CreateModel(
            name="Ladder",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(unique=True)),
                ("steps", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("day", models.DateField()),
                ("body", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Move",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("case", models.UUIDField(db_index=True)),
                ("code", models.CharField(max_length=10)),
                ("state", models.CharField(max_length=20)),
                ("since", models.DateTimeField()),
                ("turn", models.IntegerField(default=0)),
                ("first_go", models.UUIDField(null=True)),
                ("second_go", models.UUIDField(null=True)),
                ("destroyed_at", models.DateTimeField(db_index=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Moved",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("day", models.DateField()),
                ("legs", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField()),
            ],
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("code", models.CharField(max_length=12)),
                ("state", models.CharField(default="new", max_length=20)),
                ("before", models.CharField(blank=True, default="", max_length=20)),
                ("danger", models.BooleanField(default=False)),
                ("taken_by", models.UUIDField(null=True)),
                ("in_hand_of", models.UUIDField(null=True)),
                ("screened_by", models.UUIDField(null=True)),
                ("since", models.DateTimeField()),
                ("contact", models.UUIDField(default=uuid.uuid4)),
                ("call_due", models.DateTimeField(null=True)),
                ("missed", models.IntegerField(default=0)),
                ("box", models.CharField(blank=True, default="", max_length=32)),
                ("letters_public", models.BinaryField(default=bytes)),
                ("unread", models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="World",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("latest", models.DateTimeField()),
                ("settings", models.JSONField(default=dict)),
                ("sealed_keys", models.BinaryField(default=bytes)),
            ],
        ),
        migrations.CreateModel(
            name="Credibility",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="credibility",
                        serialize=False,
                        to="casework.case",
                    ),
                ),
                ("root", models.UUIDField(db_index=True)),
                ("first", models.UUIDField()),
                ("second", models.UUIDField(null=True)),
                ("at", models.DateTimeField()),
                ("agreed", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Check",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="checks", to="casework.case"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Compartment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("owner", models.UUIDField(db_index=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("file", "file"),
                            ("identity", "identity"),
                            ("health", "health"),
                            ("movement", "movement"),
                            ("house", "house"),
                            ("evidence", "evidence"),
                            ("testimony", "testimony"),
                        ],
                        max_length=10,
                    ),
                ),
                ("place", models.IntegerField(unique=True)),
                ("proof", models.BinaryField(max_length=8)),
            ],
            options={
                "indexes": [models.Index(fields=["id", "kind", "owner"], name="kind_and_owner")],
                "constraints": [models.UniqueConstraint(fields=("owner", "kind"), name="one_key_a_kind")],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("owner", models.UUIDField(db_index=True)),
                ("purpose", models.CharField(max_length=22)),
                ("state", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("by", models.UUIDField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="consents", to="casework.case"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Custodian",
            fields=[
                (
                    "worker",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="custodian",
                        serialize=False,
                        to="casework.worker",
                    ),
                ),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("leaving", models.UUIDField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "coming",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="casework.worker"
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="casework.worker"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("root", models.UUIDField(db_index=True)),
                ("motive", models.BinaryField()),
                ("agreed", models.BooleanField(null=True)),
                ("box", models.BinaryField(default=bytes)),
                ("relay", models.BinaryField(default=bytes)),
                (
                    "access",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="casework.access"
                    ),
                ),
                (
                    "custodian",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="casework.worker"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="access",
            name="asker",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="accesses", to="casework.worker"
            ),
        ),
        migrations.AddField(
            model_name="access",
            name="envelope",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="accesses", to="casework.envelope"
            ),
        ),
        migrations.CreateModel(
            name="Household",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("number", models.IntegerField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="households", to="casework.case"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Leg",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("place", models.IntegerField()),
                ("state", models.CharField(max_length=20)),
                (
                    "move",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="legs", to="casework.move"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("to", models.UUIDField(db_index=True)),
                ("at", models.DateTimeField()),
                ("box", models.BinaryField()),
                (
                    "check_in",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="casework.checkin"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Passed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("root", models.UUIDField(db_index=True)),
                ("box", models.BinaryField()),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="passed", to="casework.change"
                    ),
                ),
                (
                    "envelope",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="casework.envelope"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("role", models.CharField(max_length=20)),
                ("apart", models.UUIDField(default=uuid.uuid4)),
                ("since", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="people", to="casework.case"
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="people",
                        to="casework.household",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Risk",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField()),
                ("kept", models.BooleanField(default=False)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="risks", to="casework.case"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SealedFile",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("since", models.DateTimeField()),
                (
                    "compartment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="files", to="casework.compartment"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Stay",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("case", models.UUIDField(db_index=True)),
                ("beds", models.PositiveSmallIntegerField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(db_index=True)),
                ("ended", models.DateTimeField(null=True)),
                ("state", models.CharField(default="staying", max_length=20)),
                ("rules_read", models.BooleanField(default=False)),
                (
                    "house",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="stays", to="casework.house"
                    ),
                ),
                (
                    "proposed",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="proposals",
                        to="casework.house",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Done",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("step", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField()),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="done", to="casework.incident"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("incident", "step"), name="a_step_is_done_once")],
            },
        ),
        migrations.CreateModel(
            name="Opened",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.UUIDField()),
                ("at", models.DateTimeField(db_index=True)),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="opened", to="casework.worker"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("worker", "what"), name="one_opening_a_record")],
            },
        ),
        migrations.CreateModel(
            name="Sealed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record", models.UUIDField()),
                ("body", models.BinaryField()),
                ("version", models.IntegerField(default=1)),
                (
                    "compartment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sealed", to="casework.compartment"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("record", "compartment"), name="one_body_a_compartment")
                ],
            },
        ),
        migrations.CreateModel(
            name="Seen",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("turn", models.IntegerField()),
                ("rung", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField()),
                (
                    "check_in",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="seen", to="casework.checkin"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("check_in", "turn", "rung"), name="one_hand_a_rung")],
            },
        ),
        migrations.CreateModel(
            name="Slip",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("root", models.UUIDField(db_index=True)),
                ("box", models.BinaryField()),
                ("shown", models.DateTimeField(null=True)),
                ("head", models.BinaryField(default=bytes, max_length=5)),
                ("mark", models.BinaryField(default=bytes, max_length=16)),
                (
                    "custodian",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="slips", to="casework.worker"
                    ),
                ),
                (
                    "envelope",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="slips", to="casework.envelope"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("envelope", "custodian"), name="one_slip_a_custodian")],
            },
        ),
        migrations.CreateModel(
            name="Bed",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "house",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="taken", to="casework.house"
                    ),
                ),
                (
                    "stay",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="taken", to="casework.stay"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("house", "number"), name="one_sleeper_a_bed")],
            },
        ),
        migrations.CreateModel(
            name="ToTell",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("root", models.UUIDField(db_index=True)),
                ("worker", models.UUIDField()),
                ("told", models.DateTimeField(null=True)),
                (
                    "house",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="to_tell", to="casework.house"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("house", "worker"), name="told_once")],
            },
        ),
        migrations.CreateModel(
            name="Wrap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("box", models.BinaryField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "compartment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="wraps", to="casework.compartment"
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="wraps",
                        to="casework.worker",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["holder", "compartment", "until"], name="held_until"),
                    models.Index(condition=models.Q(("until__isnull", False)), fields=["until"], name="lent"),
                ],
                "constraints": [models.UniqueConstraint(fields=("compartment", "holder"), name="one_wrap_a_holder")],
            },
        ),
    ]
