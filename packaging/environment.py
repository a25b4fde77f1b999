"""Makes what the application needs on a machine that has Python and nothing else: a virtual environment and system libraries.

Standard library only, since it runs before anything is installed.
"""

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
CPU_TORCH = "https://download.pytorch.org/whl/cpu"  # a tenth of the size of the build for NVIDIA

# What the Qt wheels expect of a Linux system, and the Debian package that has it.
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}


def prepare(extras: tuple[str, ...]) -> Path:
    """Make or renew the environment with the project and ``extras`` of pyproject.toml; returns its Python.

    Ends with a sentence if it cannot.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 whoever starts this may have an older one
        stop(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    if "window" in extras:
        _system_libraries()
    python = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not _works(python):
        _make_environment()
    _install(python, extras)
    return python


def stop(sentence: str) -> None:
    """End with one sentence."""
    raise SystemExit(f"mriexplorer: {sentence}")


def _install(python: Path, extras: tuple[str, ...]) -> None:
    """Install the project, unless the same or more was installed before."""
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + CONSTRAINTS.read_bytes()).hexdigest()
    enough = [done for done in FOLDER.glob("installed-*") if set(extras) <= set(done.name.split("-"))]
    if any(done.read_text() == wanted for done in enough):
        return
    say("installing (the first time takes a few minutes) ...")
    pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
    if sys.platform == "linux" and not Path("/proc/driver/nvidia/version").exists():
        _install_small_torch(pip)
    target = f"{ROOT}[{','.join(extras)}]"
    if subprocess.run([*pip, "install", "--quiet", "--use-pep517", "-c", str(CONSTRAINTS), "-e", target], check=False).returncode:
        stop("the packages could not be installed; see the lines above.")
    (FOLDER / f"installed-{'-'.join(extras)}").write_text(wanted)


def _install_small_torch(pip: list[str]) -> None:
    """torch without CUDA, where its own index can be reached; else the usual one is taken with the rest."""
    quick = ["--retries", "0", "--timeout", "20", "--index-url", CPU_TORCH]
    subprocess.run([*pip, "install", "--quiet", "-c", str(CONSTRAINTS), *quick, "torch"], capture_output=True, check=False)


def _works(python: Path) -> bool:
    """Whether there is an environment with pip; one left by an interrupted run has none."""
    if not python.exists():
        return False
    return subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def _make_environment() -> None:
    say(f"making a Python environment in {FOLDER.name} ...")
    make = [sys.executable, "-m", "venv", "--clear", str(FOLDER)]
    if subprocess.run(make, capture_output=True, check=False).returncode == 0:
        return
    _apt_install([f"python3.{sys.version_info.minor}-venv"], "to make a Python environment")
    if subprocess.run(make, check=False).returncode:
        stop("no Python environment could be made; see the lines above.")


def _system_libraries() -> None:
    if sys.platform != "linux":
        return
    missing = sorted({package for library, package in LIBRARIES.items() if not _loads(library)})
    if missing:
        _apt_install(missing, "for the window")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _apt_install(packages: list[str], purpose: str) -> None:
    """Install Debian packages where this may be done, else print the one line that does it."""
    line = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        stop(f"these system packages (by their Debian names) are needed {purpose}: {' '.join(packages)}")
    if os.geteuid() != 0:
        stop(f"these system packages are needed {purpose}; install them and start again:\n  sudo {line}")
    say(f"installing system packages {purpose}: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
    if subprocess.run([*line.split(), "-qq"], env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
        stop(f"this did not work: {line}")


def say(what: str) -> None:
    """One line of progress."""
    print(f"mriexplorer: {what}", flush=True)
