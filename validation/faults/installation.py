"""Makes Django ready, for an installation in a folder that nobody keeps; loaded before ``acts.py``."""

from __future__ import annotations

import os
import tempfile

import django
from django.apps import apps
from django.utils.module_loading import import_string

os.environ["HOMEWARD_VAR"] = tempfile.mkdtemp(prefix="homeward-faults-")
os.environ["DJANGO_SETTINGS_MODULE"] = "casework.settings"
django.setup()
for room in apps.get_app_configs():  # what listens for statements is loaded before, too
    for path in getattr(room, "stands", {}).values():
        import_string(path)
