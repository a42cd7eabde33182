"""The command line: ``python -m mmtutorial transcribe|find|search FILE ...``; see ``--help``."""

import sys

from mmtutorial.command import main

sys.exit(main())
