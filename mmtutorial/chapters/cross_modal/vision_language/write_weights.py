"""Train "full" with seed 0 as the study does, and store all parts after each stage.

python -m mmtutorial.chapters.cross_modal.vision_language.write_weights
"""

from mmtutorial.chapters.cross_modal.vision_language import asking, training, weights

TESTED = 500


def main(seed: int = 0) -> None:
    """Keep what each stage ends with, and what the model answers to 500 test questions."""
    bench, reader = training.load_bench(), training.load_reader()
    model = training.start(bench, reader, seed)
    projectors, decoders = (
        {"read": part.get_weights()} for part in (reader.projector, reader.decoder)
    )
    for name, (stage, what, share) in zip(
        ("aligned", "instructed"), training.METHODS["full"], strict=True
    ):
        training.run_stage(model, bench, stage, what, seed, share=share)
        projectors[name] = model.projector.get_weights()
    decoders["instructed"] = model.decoder.get_weights()
    asked = asking.load_asked()
    images = asking.views(model, bench, asked, seed)[""][:TESTED]
    answers = asking.answer_all(model, images, asked.questions[:TESTED])
    tested = {"questions": asked.questions[:TESTED], "answers": answers}
    weights.save_weights(bench.encoder, projectors, decoders, tested)


if __name__ == "__main__":
    main()
