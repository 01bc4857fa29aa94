"""The image without an engine: what the Dockerfile would do, done in a folder by its own instructions."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.infra.tools import ROOT

DOCKERFILE = ROOT / "Dockerfile"


@dataclass
class Image:
    """What came out: a root folder, and what a container of it would be given."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)

    @property
    def size_mb(self) -> float:
        """Megabytes (10^6) that it adds to the base, each file counted as whole blocks of a disk."""
        return sum(path.lstat().st_blocks * 512 for path in self.root.rglob("*")) / 1e6


def instructions() -> Iterator[tuple[str, str]]:
    """The Dockerfile's instructions in their order, lines that go on joined."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if line.strip():
            name, _, rest = line.partition(" ")
            yield name, rest.strip()


def interpreter() -> Path:
    """The Python 3.11 that the image is made with here: best one that every account may run."""
    ours = Path(sys.executable).resolve()
    return next((one for one in (ours, Path("/usr/bin/python3.11")) if one.exists() and everybody_may_run(one)), ours)


def everybody_may_run(program: Path) -> bool:
    """Whether accounts without rights reach it."""
    return all(place.stat().st_mode & 0o001 for place in (program, *program.parents))


def build(root: Path) -> Image:
    """Carries out in `root` what the instructions say, but for accounts, which need root, and installing uv."""
    image, place = Image(root), root
    for name, rest in instructions():
        if name == "WORKDIR":
            place = root / rest.lstrip("/")
            place.mkdir(parents=True, exist_ok=True)
        elif name == "COPY" and not rest.startswith("--from"):
            source, target = rest.split()
            _copy(source, place / target)
        elif name == "RUN" and not rest.startswith(("pip install", "useradd")):
            _run(rest, place, root)
        elif name == "ENV":
            image.environment |= dict(re.findall(r"(\w+)=(\S+)", rest))
        elif name == "ENTRYPOINT":
            image.entrypoint = re.findall(r'"([^"]+)"', rest)
    return image


def _copy(source: str, target: Path) -> None:
    if (ROOT / source).is_dir():
        shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(ROOT / source, target)


def _run(command: str, place: Path, root: Path) -> None:
    programs = root / "programs"
    if not programs.exists():
        programs.mkdir()
        for name, program in {"python": interpreter(), "uv": Path(sys.executable).with_name("uv")}.items():
            (programs / name).write_text(f'#!/bin/sh\nexec "{program}" "$@"\n')
            (programs / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(
        ["bash", "-euc", command.replace("/venv", str(root / "venv"))], cwd=place, env=environment, check=True
    )
    shutil.rmtree(programs)
