"""Step 0003_paper_slips of the tables."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0002_danger_and_owners"),
    ]

    operations = [
        migrations.AddField(
            model_name="slip",
            name="head",
            field=models.BinaryField(default=bytes, max_length=5),
        ),
        migrations.AddField(
            model_name="slip",
            name="mark",
            field=models.BinaryField(default=bytes, max_length=16),
        ),
        migrations.AddField(
            model_name="slip",
            name="shown",
            field=models.DateTimeField(null=True),
        ),
    ]
