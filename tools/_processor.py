"""What the processor is called on which a run time was measured."""

import os
import platform
import re
import subprocess
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")


def count_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def processor_name() -> str:
    """Return the name of the processor; where nothing tells it, its kind, such as ``arm64``."""
    if CPUINFO.exists():
        found = re.search(r"(?m)^model name\s*: (.+)$", CPUINFO.read_text(encoding="utf-8"))
        name = found[1] if found else ""
    elif platform.system() == "Darwin":
        ask = ["sysctl", "-n", "machdep.cpu.brand_string"]
        name = subprocess.run(ask, capture_output=True, text=True, check=False).stdout
    else:
        name = platform.processor()
    return plain_name(name) or platform.machine()


def plain_name(name: str) -> str:
    """Return a processor's name without what says nothing.

    >>> plain_name("Intel(R) Xeon(R) Processor @ 2.80GHz")
    'Intel Xeon 2.8 GHz'
    >>> plain_name("AMD EPYC 7R13 48-Core Processor")
    'AMD EPYC 7R13'
    """
    name = re.sub(r"\((R|TM|tm)\)|\b(CPU|Processor)\b|\b\d+-Core\b|@", " ", name)
    name = re.sub(r"(\d+\.\d+?)0*GHz", r"\1 GHz", name)
    return " ".join(name.split())
