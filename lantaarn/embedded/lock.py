"""Writes ``jars.lock`` anew: ``uv run python -m lantaarn.embedded.lock`` (about half a minute).

Change a version below, run it, read the diff, run ``tests/embedded``. Walks the POMs with jgo and downloads
every archive once to take its checksum; the download is compared with the repository's own SHA-1 by jgo.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import jgo
import structlog
from jgo.maven import MavenContext

from lantaarn.embedded.artefact import LOCK_NAME, sha256_of

KAFKA = "org.apache.kafka:kafka_2.13:4.3.1"
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3"
REGISTRY = ("io.apicurio", "apicurio-registry-app", "3.3.3", "all", "tar.gz")

_HEADER = """\
# Written by `python -m lantaarn.embedded.lock`: path in Maven layout, sha256, size in bytes.
"""


def main() -> None:
    """Resolves, downloads to a throw-away folder and writes the lock beside this module."""
    # The `!` keeps log4j's parent POM from managing Kafka's own versions down; without it Kafka crashes.
    resolved = jgo.resolve(f"{KAFKA}+{LOGGING}!")
    with tempfile.TemporaryDirectory(prefix="lantaarn-lock-") as folder:
        context = MavenContext(repo_cache=Path(folder), timeout=30)
        group, name, version, classifier, packaging = REGISTRY
        artefacts = [
            context.project(jar.groupId, jar.artifactId).at_version(jar.version).artifact(jar.classifier, jar.packaging)
            for jar in resolved
        ]
        artefacts.append(context.project(group, name).at_version(version).artifact(classifier, packaging))
        lines = []
        for artefact in artefacts:
            file = artefact.resolve()
            lines.append(f"{file.relative_to(folder).as_posix()} {sha256_of(file)} {file.stat().st_size}\n")
    target = Path(__file__).with_name(LOCK_NAME)
    target.write_text(_HEADER + "".join(lines), encoding="utf-8")
    structlog.get_logger(__name__).info("lock written", file=target.name, archives=len(lines))


if __name__ == "__main__":
    main()
