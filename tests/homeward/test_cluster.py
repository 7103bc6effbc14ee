"""A scan on a cluster gives the very bytes of a scan on one machine, also when machines die under it."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from distributed import Client

from homeward import cluster, scan
from homeward.cli import main
from homeward.cluster import Scheduler
from homeward.errors import Cancelled, Fault, Nonsense, NotFound, Rejected
from homeward.formats.scanfiles import open_set, write_set
from tests.homeward.scan.programmes import programme

THRESHOLD = -3.0
BLOCK = 1  # slots; families are never cut, so that these are some thirty blocks


class Machines:
    """A scheduler and its workers, each a process of its own, as ``dask scheduler`` and ``dask worker`` start them."""

    def __init__(self, folder, tls=()):
        self.folder, self.tls = folder, tls
        self.file = folder / "scheduler.json"
        self.started = []
        protocol = ["--protocol", "tls"] if tls else []
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", *protocol)

    def _start(self, *command):
        tls = [word for name, path in self.tls for word in (f"--tls-{name}", str(path))]
        with (self.folder / f"{len(self.started)}.log").open("w") as log:
            self.started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "dask", *command, "--scheduler-file", str(self.file), *tls],
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self.folder,
                    start_new_session=True,  # ended with all that it starts
                )
            )
        return self.started[-1]

    def add_worker(self, name):
        """Gives the nanny, which watches over the worker."""
        return self._start("worker", "--name", name, "--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard")

    def address(self):
        """Where the scheduler is, once it is there."""
        while True:
            with suppress(FileNotFoundError, ValueError):  # not there yet, or not yet whole
                return json.loads(self.file.read_text())["address"]
            assert self.started[0].poll() is None, (self.folder / "0.log").read_text()
            time.sleep(0.05)

    def worker_of(self, nanny, scheduler, count):
        """The process that a nanny watches over, once so many workers are there."""
        with Client(scheduler.address, security=scheduler.security, set_as_default=False) as client:
            client.wait_for_workers(count)
            processes = client.run(lambda: (os.getppid(), os.getpid()))
        return dict(processes.values())[nanny.pid]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.started):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def shut(tmp_path):
    """A cluster with certificates, still without workers."""
    ca, certificate, key = certificates(tmp_path)
    with Machines(tmp_path, [("ca-file", ca), ("cert", certificate), ("key", key)]) as machines:
        yield machines, Scheduler(address=machines.address(), ca=ca, certificate=certificate, key=key)


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    """A cluster of one worker, on this machine alone."""
    with Machines(tmp_path_factory.mktemp("machines")) as machines:
        machines.add_worker("one")
        machines.address()
        yield machines


@pytest.fixture
def scheduler(machines):
    return Scheduler(address=machines.address())


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("set") / "small"
    write_set(programme(), path)
    return path


@pytest.fixture(scope="module")
def alone(small, tmp_path_factory):
    """What one machine finds."""
    out = tmp_path_factory.mktemp("alone") / "out"
    plan = scan.plan(small, threshold=THRESHOLD)
    scan.run(plan, out, scan.begin(plan, out), workers=1)
    return scan.collect(plan, out)


def usage(*, signs):
    others = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
    )
    return x509.KeyUsage(digital_signature=True, key_cert_sign=signs, crl_sign=signs, decipher_only=False, **others)


def certificates(folder):
    """An authority of the cluster's own, and one certificate that it has signed."""
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("ca", "node")}
    names = {name: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"test {name}")]) for name in keys}
    for name, key in keys.items():
        made = (
            x509.CertificateBuilder()
            .subject_name(names[name])
            .issuer_name(names["ca"])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(hours=1))
            .not_valid_after(datetime.now(UTC) + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=name == "ca", path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(True, False, False, False, False, name == "ca", name == "ca", False, False), True
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(keys["ca"].public_key()), critical=False)
            .sign(keys["ca"], hashes.SHA256())
        )
        (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        (folder / f"{name}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    return folder / "ca.pem", folder / "node.pem", folder / "node.key"


class KillsAtTheFirstBlock:
    """A tick that kills processes once a block is done, while others are out."""

    def __init__(self, *pids):
        self.pids = list(pids)

    def __call__(self, stage, done, total):
        while done and self.pids:
            os.kill(self.pids.pop(), signal.SIGKILL)


def test_a_worker_and_its_nanny_are_killed_and_the_digest_over_tls_is_that_of_one_machine(small, alone, shut, tmp_path):
    machines, scheduler = shut
    nanny = machines.add_worker("dies")
    machines.add_worker("stays")
    plan = scan.plan(small, threshold=THRESHOLD, block=BLOCK)
    out = tmp_path / "out"
    left = scan.begin(plan, out)
    tick = KillsAtTheFirstBlock(nanny.pid, machines.worker_of(nanny, scheduler, 2))

    cluster.run(plan, out, left, scheduler=scheduler, tick=tick)

    assert len(plan.blocks) > 20
    assert not tick.pids
    assert nanny.wait() == -signal.SIGKILL
    assert scan.collect(plan, out)["digest"] == alone["digest"]


def test_whoever_has_no_certificate_of_this_authority_stays_outside(small, shut, tmp_path, capfd):
    _, scheduler = shut
    (tmp_path / "stranger").mkdir()
    ca, certificate, key = certificates(tmp_path / "stranger")
    plan = scan.plan(small, threshold=THRESHOLD)
    left = scan.begin(plan, tmp_path / "out")

    for other in (
        Scheduler(address=scheduler.address.replace("tls", "tcp")),
        replace(scheduler, certificate=certificate, key=key),
        replace(scheduler, ca=ca, certificate=certificate, key=key),
    ):
        with pytest.raises(NotFound, match="No Dask scheduler answers"):
            cluster.run(plan, tmp_path / "out", left, scheduler=other)
    assert "Traceback" not in capfd.readouterr().err


def test_blocks_are_kept_when_the_scheduler_is_killed(small, alone, shut, tmp_path, capfd):
    machines, scheduler = shut
    machines.add_worker("one")
    plan = scan.plan(small, threshold=THRESHOLD, block=BLOCK)
    out = tmp_path / "out"
    left = scan.begin(plan, out)
    tick = KillsAtTheFirstBlock(machines.started[0].pid)

    with pytest.raises(NotFound, match="scheduler is gone"):
        cluster.run(plan, out, left, scheduler=scheduler, tick=tick)
    assert "Traceback" not in capfd.readouterr().err
    left = scan.begin(plan, out, resume=True)
    scan.run(plan, out, left, workers=1)

    assert 0 < len(left) < len(plan.blocks)
    assert scan.collect(plan, out)["digest"] == alone["digest"]


class StopsAtTheFirstBlock:
    def __call__(self, stage, done, total):
        for _ in range(stage == "scanning" and bool(done)):
            raise Cancelled


def test_a_stopped_scan_goes_on_where_it_was_and_keeps_the_best_of_each(small, scheduler, tmp_path):
    plan = scan.plan(small, threshold=THRESHOLD, best=2, block=BLOCK)
    alone, out = tmp_path / "alone", tmp_path / "out"
    scan.run(plan, alone, scan.begin(plan, alone), workers=1)

    with pytest.raises(Cancelled):
        cluster.run(plan, out, scan.begin(plan, out), scheduler=scheduler, tick=StopsAtTheFirstBlock())
    left = scan.begin(plan, out, resume=True)
    cluster.run(plan, out, left, scheduler=scheduler)

    assert 0 < len(left) < len(plan.blocks)
    assert scan.collect(plan, out)["digest"] == scan.collect(plan, alone)["digest"]


def test_workers_that_see_another_set_are_refused_before_anything_is_computed(small, scheduler, tmp_path):
    plan = scan.plan(small, threshold=THRESHOLD)
    write_set(programme(seed=2), tmp_path / "elsewhere")
    left = scan.begin(plan, tmp_path / "out")

    with pytest.raises(Nonsense, match=r"1 of 1 workers .*\n.* has set: sha256:"):
        cluster.run(plan, tmp_path / "out", left, scheduler=scheduler, set_on_workers=tmp_path / "elsewhere")
    with pytest.raises(Nonsense, match="no folder"):
        cluster.run(plan, tmp_path / "out", left, scheduler=scheduler, set_on_workers=tmp_path / "nowhere")

    assert scan.begin(plan, tmp_path / "out", resume=True) == list(plan.blocks)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("tcp://10.1.2.3:8786", "not encrypted"),
        ("tcp://localhost.example:8786", "not encrypted"),
        ("tcp://[2001:db8::1]:8786", "not encrypted"),
        ("tls://10.1.2.3:8786", "needs --tls-ca"),
        ("ws://127.0.0.1:8786", "no scheduler"),
        ("tcp://127.0.0.1", "no scheduler"),
        ("tls://:8786", "no scheduler"),
    ],
)
def test_a_door_that_is_not_shut_is_refused(address, reason):
    with pytest.raises(Nonsense, match=reason):
        Scheduler(address=address)


def test_plain_tcp_is_accepted_on_this_machine_or_where_it_is_asked_for():
    for address in ("tcp://127.0.0.1:8786", "tcp://localhost:1", "tcp://[::1]:8786"):
        assert Scheduler(address=address).security is None
    assert Scheduler(address="tcp://10.1.2.3:8786", insecure=True).security is None


def test_certificates_that_would_not_be_used_are_refused(tmp_path):
    with pytest.raises(Nonsense, match="would not use"):
        Scheduler(address="tcp://127.0.0.1:8786", ca=tmp_path / "ca.pem")


def test_another_homeward_is_told_apart(small):
    here = cluster.workplace(small)

    assert cluster.differences(here, dict(here)) == []
    assert cluster.differences(here, {**here, "version of numpy": "1.0"}) == [
        f"version of numpy: 1.0 instead of {here['version of numpy']}"
    ]
    assert len({here["code of Homeward"], here["arithmetic"], here["set"]}) == 3


def test_a_worker_that_joins_late_with_another_homeward_computes_nothing(small):
    plan = scan.plan(small, threshold=THRESHOLD)
    asked = tuple({**cluster.workplace(small), "version of Homeward": "0"}.items())

    with pytest.raises(Nonsense, match="that joined has version of Homeward"):
        cluster._block(plan, plan.blocks[0], None, asked)


def test_a_footprint_is_of_the_set(small, tmp_path):
    write_set(programme(), tmp_path / "same")
    write_set(programme(seed=2), tmp_path / "other")

    assert open_set(tmp_path / "same").footprint() == open_set(small).footprint()
    assert open_set(tmp_path / "other").footprint() != open_set(small).footprint()


def test_a_refusal_comes_back_whole_from_another_process():
    refusal = Rejected([Fault("families.parquet", 3, "sex", "X", "is not M, F or U.")])

    again = pickle.loads(pickle.dumps(refusal))

    assert str(again) == str(refusal)
    assert again.faults == refusal.faults


def test_the_command_scans_on_a_cluster_that_a_scheduler_file_names(small, alone, machines, tmp_path):
    command = ["scan", str(small), "--out", str(tmp_path / "out"), "--threshold", str(THRESHOLD)]

    shown = CliRunner().invoke(main, [*command, "--scheduler", str(machines.file)])

    assert shown.exit_code == 0, shown.output
    assert alone["digest"] in shown.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--scheduler", "tcp://10.1.2.3:8786"], "not encrypted"),
        (["--scheduler", "tcp://127.0.0.1:8786", "--workers", "2"], "of this machine"),
        (["--insecure"], "go with --scheduler"),
        (["--scheduler", "nowhere.json"], "is not there"),
    ],
)
def test_the_command_refuses_before_it_makes_a_folder(small, tmp_path, options, said):
    shown = CliRunner().invoke(main, ["scan", str(small), "--out", str(tmp_path / "out"), *options])

    assert shown.exit_code != 0
    assert said in shown.output
    assert not (tmp_path / "out").exists()


def test_nothing_that_reaches_a_network_is_imported_unless_a_scheduler_is_named():
    asked = "import sys, homeward.cli.scan, homeward.scan; print({'dask', 'distributed'} & set(sys.modules))"

    shown = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "set()"
