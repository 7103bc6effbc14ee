from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def kinds(apps: Any, _schema_editor: Any) -> None:
    Party = apps.get_model("parties", "Party")
    Party.objects.filter(neutral=True).update(kind="neutral")


def neutrals(apps: Any, _schema_editor: Any) -> None:
    Party = apps.get_model("parties", "Party")
    Party.objects.filter(kind__in=("neutral", "observer")).update(neutral=True)


class Migration(migrations.Migration):

    dependencies = [
        ('parties', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='party',
            name='kind',
            field=models.CharField(choices=[('state', 'state'), ('authority', 'national authority'), ('neutral', 'neutral'), ('observer', 'observer')], default='authority', max_length=20),
        ),
        migrations.RunPython(kinds, neutrals),
        migrations.RemoveField(
            model_name='party',
            name='neutral',
        ),
        migrations.AddField(
            model_name='party',
            name='hosted',
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name='disclosure',
            name='kind',
            field=models.CharField(choices=[('persons', 'the list of missing persons'), ('remains', 'boxes and remains, without profiles'), ('documents', 'documents, with what is quoted and claimed from them'), ('talks', 'talks, agreements and commitments')], max_length=20),
        ),
        migrations.AddField(
            model_name='disclosure',
            name='ended_because',
            field=models.TextField(blank=True),
        ),
        migrations.CreateModel(
            name='DisclosureRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=50, unique=True)),
                ('offers', models.JSONField(default=list)),
                ('asks', models.JSONField(default=list)),
                ('until', models.DateField(blank=True, null=True)),
                ('state', models.CharField(choices=[('proposed', 'proposed'), ('countersigned', 'in force'), ('refused', 'refused'), ('withdrawn', 'withdrawn'), ('ended', 'ended')], default='proposed', max_length=20)),
                ('statement', models.CharField(blank=True, max_length=80)),
                ('proposed_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True)),
                ('asked_of', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests_received', to='parties.party')),
                ('offered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests_made', to='parties.party')),
            ],
            options={
                'ordering': ('-proposed_at', '-pk'),
            },
        ),
        migrations.AddField(
            model_name='disclosure',
            name='request',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='disclosures', to='parties.disclosurerequest'),
        ),
        migrations.CreateModel(
            name='Key',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(max_length=64, unique=True)),
                ('raw', models.BinaryField(blank=True, max_length=32)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('role', models.CharField(choices=[('party', 'signs for the party'), ('installation', 'signs its installation’s logs')], default='party', max_length=20)),
                ('since', models.DateTimeField()),
                ('introduced_in', models.CharField(blank=True, max_length=300)),
                ('entered_by', models.CharField(max_length=200)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_reason', models.TextField(blank=True)),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='parties.party')),
            ],
            options={
                'ordering': ('party', 'since', 'pk'),
            },
        ),
    ]
