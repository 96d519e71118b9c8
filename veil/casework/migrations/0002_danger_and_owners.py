"""Step 0002_danger_and_owners of the tables."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="request",
            name="in_hand_of",
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name="case",
            name="owner",
            field=models.UUIDField(db_index=True, null=True),
        ),
    ]
