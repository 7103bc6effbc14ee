"""What the how-to pages tell people to type is what the programs understand."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from distributed.cli.dask_scheduler import main as dask_scheduler
from distributed.cli.dask_worker import main as dask_worker

from homeward.cli import main

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
PAGES = sorted(HOW_TO.glob("*.md"))
DASK = {"scheduler": dask_scheduler, "worker": dask_worker}
needs_bash = pytest.mark.skipif(not shutil.which("bash"), reason="*** NO BASH: SHELL BLOCKS ARE NOT CHECKED ***")


def blocks(page, *languages):
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```(?:{'|'.join(languages)})\n(.*?)^```", text, flags=re.M | re.S)


def manifests():
    return [one for text in blocks(HOW_TO / "scan-kubernetes.md", "yaml") for one in yaml.safe_load_all(text)]


def containers():
    templates = [one["spec"]["template"]["spec"] for one in manifests() if "template" in one["spec"]]
    return [(template, container) for template in templates for container in template["containers"]]


def commands():
    """Every command line of the pages, as words."""
    for page in PAGES:
        for text in blocks(page, "sh", "bash"):
            for line in text.replace("\\\n", " ").splitlines():
                words = line.split()
                yield from [words] if words and words[0] in ("homeward", "dask") else []
    yield from (container["command"] for _, container in containers())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@needs_bash
def test_every_shell_block_is_bash(page):
    for text in blocks(page, "sh", "bash"):
        checked = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True)
        assert not checked.stderr


def test_every_option_exists():
    found = list(commands())
    assert len(found) >= 10
    for program, name, *words in found:
        known = {"dask": DASK, "homeward": main.commands}[program][name].params
        spelt = {option for parameter in known for option in (*parameter.opts, *parameter.secondary_opts)}
        assert {word.split("=")[0] for word in words if word.startswith("--")} <= spelt, (program, name)


def test_the_pods_hold_what_they_mount_and_nothing_that_root_needs():
    kinds = sorted(one["kind"] for one in manifests())
    assert kinds == ["Deployment", "Deployment", "Job", "NetworkPolicy", "Service"]
    for template, container in containers():
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in template["volumes"]}
        assert template["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_the_scheduler_of_the_pods_is_the_one_that_the_service_leads_to():
    service = next(one for one in manifests() if one["kind"] == "Service")
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in manifests() if "template" in one["spec"]]
    address = f"tls://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}"

    assert sum(service["spec"]["selector"].items() <= of.items() for of in labels) == 1
    assert sum(address in container["command"] for _, container in containers()) == 2


def test_the_image_is_made_of_the_repository():
    made = (HOW_TO / "Containerfile").read_text(encoding="utf-8")

    assert "RUN tools/setup.sh" in made
    assert CliRunner().invoke(main, ["scan", "--help"]).exit_code == 0
