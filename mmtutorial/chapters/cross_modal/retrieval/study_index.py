"""How much time does an approximate search save, and which neighbours does it lose?

    python -m mmtutorial.chapters.cross_modal.retrieval.study_index

Up to a million vectors that cluster as embeddings do, 500 queries, one after the other. All times
are processor time, so that other programs on the machine hardly disturb them. The script
``benchmarks/retrieval_index.py`` measures the clock on the wall, memory and indexes on disk, too.
"""

from types import SimpleNamespace

from mmtutorial.chapters.cross_modal.retrieval.many import compare_indexes
from mmtutorial.studies import Study, main

SIZES, WIDTHS = (10_000, 100_000, 1_000_000), (16, 32, 64, 128)

STUDIES = (
    Study(
        name="cross_modal/retrieval/index",
        question="What does an approximate search save, and what does it lose?",
        grid={"vectors": SIZES},
        task=lambda setting: SimpleNamespace(),
        run=lambda task, setting, config, seed: compare_indexes(setting["vectors"], widths=WIDTHS),
        seeds=(0,),
    ),
)

if __name__ == "__main__":
    main(STUDIES)
