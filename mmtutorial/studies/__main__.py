"""Run the studies of all chapters: ``python -m mmtutorial.studies [STUDY ...] [--show]``."""

from mmtutorial.studies import find_studies, main

main(find_studies())
