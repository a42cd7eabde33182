"""Studies: settings and seeds, searched fairly, run, compared, and stored in one JSON format.

A chapter declares its studies in ``study.py`` of its room; `Study` says how. The runner here does
the rest for all alike. A notebook calls `Study.run_one`, the same code that made the stored file.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "contrasts": ["Contrast", "best_alone"],
        "search": ["best_epoch", "search_recipes"],
        "study": ["Cell", "Study", "find_studies"],
        "command": ["main"],
    },
)
