"""A server of PostgreSQL that tests start, with a password, where nothing else can reach it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER, PASSWORD, DATABASE = "clinic_reader", "Kx7-secret", "postgres"
# Debian and Red Hat leave the server's own programs off the PATH.
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
MISSING = """No PostgreSQL was found, so its tests are skipped. To run them, install it:
  sudo apt install postgresql          on Debian and Ubuntu
  sudo dnf install postgresql-server   on Fedora
  brew install postgresql              on macOS"""


@dataclass(frozen=True)
class Server:
    """A running server, by the folder of its socket: it listens on no network."""

    folder: Path

    @property
    def address(self) -> str:
        return f"postgresql://{USER}@/{DATABASE}?host={self.folder}"


def programs() -> Path | None:
    """Folder of the newest server's programs."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    for pattern in PLACES:
        found += sorted(Path("/").glob(pattern[1:]), key=_version, reverse=True)
    return next((one for one in found if (one / "pg_ctl").exists()), None)


def _version(folder: Path) -> float:
    digits = "".join(c for c in folder.parent.name if c.isdigit() or c == ".")
    return float(digits or 0)


@contextmanager
def running() -> Iterator[Server]:
    """Start a server in a new folder; end it and remove all of it."""
    bin_ = programs()
    assert bin_ is not None
    owner = "nobody" if os.getuid() == 0 else None  # it does not run as root
    # The path of a socket must be short; pytest's folders are not open to others.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    data, log = folder / "data", folder / "log"
    secret = folder / "secret"
    secret.write_text(PASSWORD, encoding="utf-8")
    if owner:
        for path in (folder, secret):
            shutil.chown(path, owner)

    def call(*words: str | Path) -> None:
        with open(os.devnull) as nothing:
            done = subprocess.run(
                [bin_ / words[0], *words[1:]],
                user=owner,
                stdin=nothing,
                stdout=subprocess.PIPE if words[0] == "initdb" else subprocess.DEVNULL,
                stderr=subprocess.STDOUT if words[0] == "initdb" else subprocess.DEVNULL,
                cwd=folder,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"},
                timeout=120,
            )
        said = log.read_text(errors="replace") if log.exists() else str(done.stdout)
        assert done.returncode == 0, said

    call(
        "initdb", "-D", data, "-U", USER, f"--pwfile={secret}", "--auth=scram-sha-256",
        "--encoding=UTF8", "--locale=C", "--no-sync",
    )  # fmt: skip
    settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    settings += " -c shared_buffers=16MB -c max_connections=10"
    try:
        call("pg_ctl", "-D", data, "-l", log, "-o", settings, "-w", "-t", "60", "start")
        yield Server(folder)
    finally:
        if (data / "postmaster.pid").exists():
            call("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__" and programs() is None:
    print(MISSING)
