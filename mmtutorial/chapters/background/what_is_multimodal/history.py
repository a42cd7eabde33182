"""Who joined modalities, when, to which challenge it belongs; and what systems take and give."""

HISTORY = (
    (1954, "roots", "Sumby & Pollack: seeing the speaker helps in noise"),
    (1976, "roots", "McGurk & MacDonald: what you see changes what you hear"),
    (1980, "roots", "Bolt: “Put that there”, a voice and a pointing hand"),
    (1984, "fusion", "Petajan: a camera on the lips helps a recogniser"),
    (1989, "fusion", "Yuhas et al.: a neural network reads lips in noise"),
    (1992, "co-learning", "Becker & Hinton: two views agree, nobody labels"),
    (1994, "fusion", "Bregler & Konig: eigenlips"),
    (1994, "co-learning", "de Sa: two senses teach each other"),
    (1998, "co-learning", "Blum & Mitchell: co-training"),
    (2002, "alignment", "Duygulu et al.: which word names which region?"),
    (2003, "translation", "Barnard et al.: words for pictures"),
    (2005, "fusion", "Snoek et al.: early or late?"),
    (2011, "representation", "Ngiam et al.: one deep code for sound and lips"),
    (2012, "representation", "Srivastava & Salakhutdinov: images and tags"),
    (2013, "co-learning", "Frome et al.: words name things never seen"),
    (2015, "alignment", "Karpathy & Fei-Fei: phrases meet regions"),
    (2015, "translation", "Vinyals et al.: a network captions pictures"),
    (2015, "fusion", "Antol et al.: questions about pictures"),
    (2019, "alignment", "Lu et al.: attention between words and regions"),
    (2021, "representation", "Radford et al.: 400 million pictures and texts"),
    (2022, "translation", "Alayrac et al.: a model that chats about pictures"),
    (2023, "representation", "Girdhar et al.: six kinds of data in one space"),
    (2024, "fusion", "Chameleon Team: words and pictures in one sequence"),
    (2025, "alignment", "Carion et al.: outlines of all that a phrase names"),
    (2026, "translation", "Qwen Team: sees, hears, reads; writes and speaks"),
)
# Systems by what they are for, the oldest first: name, year, what goes in, what comes out. On the
# map, the fourth family stands below the first, and so on.
SYSTEMS = {
    "one representation for several": (
        ("Ngiam et al.", 2011, ("sound", "video"), ("one code",)),
        ("ViLBERT", 2019, ("image", "text"), ("tokens",)),
        ("CLIP", 2021, ("image", "text"), ("one space",)),
        ("ImageBind", 2023, ("image", "text", "sound", "3 more"), ("one space",)),
        ("SigLIP 2", 2025, ("image", "text"), ("one space",)),
    ),
    "translation: one to another": (
        ("Barnard et al.", 2003, ("image",), ("text",)),
        ("Vinyals et al.", 2015, ("image",), ("text",)),
        ("wav2vec 2.0", 2020, ("speech",), ("text",)),
        ("Whisper", 2022, ("speech",), ("text",)),
        ("Stable\nDiffusion", 2022, ("text",), ("image",)),
    ),
    "language models that look": (
        ("Flamingo", 2022, ("image", "text"), ("text",)),
        ("LLaVA", 2023, ("image", "text"), ("text",)),
        ("GPT-4V", 2023, ("image", "text"), ("text",)),
        ("Gemini", 2023, ("image", "text", "sound", "video"), ("text",)),
        ("Gemini 2.5", 2025, ("image", "text", "sound", "video"), ("text",)),
    ),
    "video and text": (
        ("Frozen\nin Time", 2021, ("image", "video", "text"), ("one space",)),
        ("VideoCLIP", 2021, ("video", "text"), ("one space",)),
        ("Video-LLaVA", 2023, ("image", "video", "text"), ("text",)),
    ),
    "point and find": (
        ("GLIP", 2022, ("image", "text"), ("boxes",)),
        ("Grounding\nDINO", 2023, ("image", "text"), ("boxes",)),
        ("SAM 2", 2024, ("image", "video", "clicks"), ("outlines",)),
        ("SAM 3", 2025, ("image", "video", "text"), ("outlines",)),
    ),
    "several in, several out": (
        ("Chameleon", 2024, ("image", "text"), ("image", "text")),
        ("GPT-4o", 2024, ("image", "text", "sound", "video"), ("image", "text", "sound")),
        ("Qwen3.5-Omni", 2026, ("image", "text", "sound", "video"), ("text", "speech")),
    ),
}
