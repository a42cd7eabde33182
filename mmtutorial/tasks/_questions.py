"""Questions about scenes, their answers, and how both are said in English and in Chinese."""

import numpy as np

LANGUAGES = ("en", "zh")
KINDS = ("what", "colour", "count", "where", "presence")
WORDS = {
    "en": {
        "colour": ("red", "yellow", "green", "blue", "purple", "grey"),
        "group": ("smiley or heart", "person", "animal or plant", "food or drink",
                  "vehicle or place", "game or sport", "object", "symbol"),
        "corner": ("top left", "top right", "bottom left", "bottom right"),
        "count": ("one", "two", "three", "four"),
        "presence": ("no", "yes"),
    },
    "zh": {
        "colour": ("红色", "黄色", "绿色", "蓝色", "紫色", "灰色"),
        "group": ("表情和心", "人物", "动植物", "食物", "交通和地点", "运动和游戏", "物品", "符号"),
        "corner": ("左上", "右上", "左下", "右下"),
        "count": ("一", "二", "三", "四"),
        "presence": ("没有", "有"),
    },
}  # fmt: skip
TEMPLATES = {
    "en": {
        "what": ("what is at the {corner}?", "what do you see at the {corner}?"),
        "colour": (
            "which colour is it at the {corner}?",
            "what colour has the {corner} thing?",
        ),
        "count": ("how many are there?", "how many things do you see?"),
        "where": ("where is the {thing}?", "in which corner is the {thing}?"),
        "presence": ("is there any {thing}?", "do you see any {thing}?"),
        "caption": ("what does the picture show?", "describe the picture."),
    },
    "zh": {
        "what": ("{corner}是什么？", "你在{corner}看到什么？"),
        "colour": ("{corner}是什么颜色？", "{corner}的东西是什么颜色的？"),
        "count": ("有几个东西？", "你看到几个？"),
        "where": ("{thing}在哪里？", "{thing}在哪个角？"),
        "presence": ("有{thing}吗？", "你看到{thing}了吗？"),
        "caption": ("图里有什么？", "描述这张图。"),
    },
}
COLOURED = {"en": "{colour} thing", "zh": "{colour}的东西"}
PART = {"en": "a {colour} {group} at the {corner}", "zh": "{corner}有{colour}的{group}"}
ANSWERS = {"what": "group", "colour": "colour", "count": "count", "where": "corner",
           "presence": "presence"}  # fmt: skip


def say_thing(language: str, attribute: str, value: int) -> str:
    """Name what has a colour, or is of a group."""
    word = WORDS[language][attribute][value]
    return COLOURED[language].format(colour=word) if attribute == "colour" else word


def say_question(language: str, kind: str, variant: int, *, corner=None, thing=None) -> str:
    """Ask one question of a kind, in one of its two variants."""
    corner = None if corner is None else WORDS[language]["corner"][corner]
    thing = None if thing is None else say_thing(language, *thing)
    return TEMPLATES[language][kind][variant].format(corner=corner, thing=thing)


def say_answer(language: str, kind: str, value: int) -> str:
    """Say the answer to a question of a kind."""
    return WORDS[language][ANSWERS[kind]][value]


def say_caption(language: str, colours: np.ndarray, groups: np.ndarray) -> str:
    """Describe a scene, corner by corner; ``(4,)`` of places in the words, -1 where none is."""
    words = WORDS[language]
    parts = [
        PART[language].format(
            colour=words["colour"][colour], group=words["group"][group], corner=corner
        )
        for colour, group, corner in zip(colours, groups, words["corner"], strict=True)
        if colour >= 0
    ]
    return (" and " if language == "en" else "，").join(parts)


def all_texts(language: str) -> list[str]:
    """Return texts that hold every word which questions, answers and captions can have."""
    words, every = WORDS[language], []
    for kind, variants in TEMPLATES[language].items():
        for variant in range(len(variants)):
            every.append(say_question(language, kind, variant, corner=0, thing=("colour", 0)))
    every += [word for values in words.values() for word in values]
    return [*every, say_caption(language, np.zeros(4, int), np.zeros(4, int))]
