"""Set up .venv once, then run Python in it: ``python3 tools/setup_env.py [what Python shall run]``.

For example ``python3 tools/setup_env.py tools/build_book.py`` is what ``make book`` does.
Needs nothing but Python itself; does nothing that it has already done.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / ".set-up"
OLDEST, NEWEST = (3, 11), (3, 13)


def is_usable(version):
    """TensorFlow has wheels for these versions of Python only."""
    return OLDEST <= tuple(version[:2]) <= NEWEST


def fingerprint():
    """Change when .venv has to be set up again: another lock file, package or place."""
    parts = [str(ROOT).encode()]
    parts += [(ROOT / name).read_bytes() for name in ("requirements.lock", "pyproject.toml")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def venv_version():
    """Return the version of .venv's Python, or None where there is none that runs."""
    command = [str(PYTHON), "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        return None
    return tuple(map(int, done.stdout.split())) if done.returncode == 0 else None


def find_uv():
    """Return the path of uv, on the PATH or in .venv, or None."""
    return shutil.which("uv") or shutil.which("uv", path=str(SCRIPTS))


def can_install():
    """Return False where .venv was cut short before it got pip, and no uv can stand in."""
    if find_uv() is not None:
        return True
    command = [str(PYTHON), "-m", "pip", "--version"]
    return subprocess.run(command, capture_output=True).returncode == 0


def create_venv():
    """Make an empty .venv, or say in one line what is missing."""
    here = ".".join(map(str, sys.version_info[:2]))
    if not is_usable(sys.version_info):
        sys.exit(f"Python 3.11, 3.12 or 3.13 is needed; {sys.executable} is {here}.")
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        sys.exit(
            "Python's venv module is missing: on Debian or Ubuntu, "
            f"`sudo apt install python{here}-venv` brings it."
        )
    print(f"==> Creating .venv with Python {here}", flush=True)
    run(sys.executable, "-m", "venv", "--clear", VENV)


def install():
    """Install the locked set, byte-compiled: TensorFlow starts three times slower without."""
    print("==> Installing the packages of requirements.lock (1 to 10 minutes, once)", flush=True)
    uv = find_uv()
    if uv is None:
        run(PYTHON, "-m", "pip", "install", "--quiet", "uv")
        uv = SCRIPTS / "uv"
    fast = [uv, "pip", "install", "--quiet", "--python", PYTHON, "--compile-bytecode"]
    try:
        run(*fast, "-r", "requirements.lock")
        run(*fast, "--no-deps", "--editable", ".")
    except subprocess.CalledProcessError:
        print("==> uv could not; trying pip, which knows your mirror but is slower", flush=True)
        slow = [PYTHON, "-m", "pip", "install", "--quiet"]
        run(*slow, "-r", "requirements.lock")
        run(*slow, "--no-deps", "--editable", ".")


def run(*command):
    """Run a command at the root of the repository; a failure is an exception."""
    subprocess.run([str(part) for part in command], cwd=str(ROOT), check=True)


def set_up():
    """Bring .venv up to date with the lock file, or do nothing where it is."""
    version = venv_version()
    sound = version is not None and is_usable(version)
    if sound and STAMP.exists() and STAMP.read_text() == fingerprint():
        return
    STAMP.unlink(missing_ok=True)  # until all is done again, so that an interruption heals
    if not (sound and can_install()):
        create_venv()
    install()
    STAMP.write_text(fingerprint())


def main():
    """Set up, then run what the command line names."""
    try:
        set_up()
    except subprocess.CalledProcessError as error:
        sys.exit(f"Set-up stopped: `{' '.join(error.cmd)}` failed; its message is above.")
    if len(sys.argv) > 1:
        # The scripts folder holds npm, jupyter-book and ruff: put it first, as activating would.
        os.environ["PATH"] = str(SCRIPTS) + os.pathsep + os.environ.get("PATH", "")
        os.environ["VIRTUAL_ENV"] = str(VENV)
        sys.exit(subprocess.call([str(PYTHON), *sys.argv[1:]]))
    print(f"Ready: {PYTHON}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
