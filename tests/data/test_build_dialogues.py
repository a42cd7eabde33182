"""The builder's parts: Lua that is read and never run, roles, splits, silence."""

import _dialogues_lua as lua
import _dialogues_sound as sound
import _dialogues_split as split
import build_dialogues as build
import numpy as np
import pytest

RATE = 16000


def line(text, english="Yes."):
    return lua.Line("a-m-b", "font_small", english, text)


# Lua


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ('"Ano."', "Ano."),
        ('"A" .. "no" ..\n"."', "Ano."),
        ("'Řekl \"ano\".'", 'Řekl "ano".'),
        (r'"Řekl \"ano\"."', 'Řekl "ano".'),
        (r'"C:\\CONFIG \/etc"', r"C:\CONFIG /etc"),
        (r'"a\nb\tc"', "a\nb\tc"),
        (r'"\065\66c \195\161"', "ABc á"),
        ('"a\\\nb"', "a\nb"),
        ('"-- no comment, [[no]] bracket, ) no end"', "-- no comment, [[no]] bracket, ) no end"),
        ('[[\nline \\n "quoted"]]', 'line \\n "quoted"'),
        ('""', ""),
    ],
)
def test_strings(code, text):
    content = f'dialogId("a-m-b", "font_small", "Yes.")\ndialogStr({code})'.encode()
    assert lua.read_lines(content) == [line(text)]


def test_blanks_and_comments_between_the_parts():
    content = """\ufeff-- dialogId("x", "y", "z")
    --[[ dialogStr("none")
    ]] dialogId ( "a-m-b" , -- the name
      "font_small",
      "Yes." );
    dialogStr(
    "Ano.") -- the end""".encode()
    assert lua.read_lines(content) == [line("Ano.")]


def test_lines_that_hold_no_text():
    content = b'dialogId("laser", "", "")\ndialogId("a-m-b", "font_small", "Yes.")\ndialogStr("A")'
    assert lua.read_lines(content) == [line("A")]
    assert lua.read_lines(b" -- nothing\n") == []


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('dialogStr("a)\n', "line 1: cannot read"),
        ('\n\ndialogStr("a" .. key)', "line 3: expected string, found 'key'"),
        ("local i", "line 1: expected"),
        ('for i = 0, 29 do dialogId("key"..i, "", "") end', "line 1"),
        ('dialogStr("a"', "expected ,"),
        ('dialogStr("a" "b")', "expected ,"),
        ('dialogStr("a",)', "expected string"),
        ('dialogStr("a")', "does not belong"),
        ('dialogId("a", "b")', "does not belong"),
        ('os.execute("rm")', "line 1: cannot read"),
        ('execute("rm")', "does not belong"),
        ('dialogId("a", "b", "c") dialogStr("d") dialogStr("e")', "does not belong"),
    ],
)
def test_what_is_no_dialogue_is_refused(code, message):
    with pytest.raises(ValueError, match=message):
        lua.read_lines(code.encode())


def test_other_encodings_are_refused():
    with pytest.raises(UnicodeDecodeError):
        lua.read_lines('dialogStr("Příliš")'.encode("cp1250"))


# Pairing


def script(name, font, text="Ano."):
    return f'dialogId("{name}", "{font}", "Yes.")\ndialogStr("{text}")'.encode()


def test_lines_meet_their_recordings():
    scripts = {
        "script/cave/dialogs_cs.lua": script("jes-m-a", "font_small"),
        "script/cave/dialogs_nl.lua": script("jes-m-a", "font_small", "Ja."),
        "script/cave/demo_dialogs_cs.lua": script("demo-v", "font_big"),
        "script/share/black_dialogs_cs.lua": script("smrt-x", "font_parrot"),
        "script/key/dialogs_cs.lua": script("silent-m", "font_small"),
    }
    sounds = {
        "sound/cave/cs/jes-m-a.ogg": b"1",
        "sound/cave/cs/demo-v.ogg": b"2",
        "sound/share/blackjokes/cs/smrt-x.ogg": b"3",
        "sound/key/nl/silent-m.ogg": b"4",
    }
    rows = build.pair_lines(scripts, sounds, "cs")
    found = [(row["level"], row["id"], row["role"], row["ogg"]) for row in rows]
    assert found == [
        ("cave", "demo-v", "big fish", b"2"),
        ("cave", "jes-m-a", "small fish", b"1"),
        ("share/blackjokes", "smrt-x", "other", b"3"),
    ]


def clip(**more):
    row = {"language": "cs", "level": "cave", "id": "a-m", "text": "Ano, to je ono.", "seconds": 2}
    return {**row, "english": "Yes, that is it.", "speech": 1.5, "opus": b"", **more}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, None),
        ({"text": "C%1."}, "placeholder"),
        ({"text": r"V C:\CONFIG."}, "path"),
        ({"text": "Stiskni F2."}, "digits"),
        ({"text": "Подожди. Počkej."}, "another language"),
        ({"seconds": 0}, "nothing recorded"),
        ({"seconds": 6.2}, "longer than 6.0"),
        ({"speech": 0.4}, "letters a second"),
    ],
)
def test_what_is_left_out(more, reason):
    kept, dropped = build.choose([clip(**more)])
    assert len(kept) == (reason is None)
    assert all(reason in found for found in dropped)


def test_a_recording_is_kept_once():
    kept, dropped = build.choose([clip(opus=b"a"), clip(opus=b"a", level="ufo"), clip(opus=b"b")])
    assert [row["level"] for row in kept] == ["cave", "cave"]
    assert [len(rows) for rows in dropped.values()] == [1]


# Splits


def rows_of(levels, per_level=10):
    return [
        clip(level=level, text=f"{level} {number}", english=f"{level} in English {number}")
        for level in levels
        for number in range(per_level)
    ]


def test_levels_are_split_by_share_and_stay_put():
    rows = rows_of([f"level{number}" for number in range(50)])
    sides = split.split_levels(rows)
    shares = {side: list(sides.values()).count(side) / 50 for side in split.SIDES}
    assert shares == pytest.approx({"train": 0.7, "validation": 0.12, "test": 0.18}, abs=0.02)
    assert split.split_levels(rows[::-1]) == sides


def test_no_sentence_on_two_sides_and_the_test_is_whole():
    rows = [
        clip(text="Co?", english="What?"),
        clip(text="A ano.", english="Yes."),
        clip(text="Jiné.", english="WHAT"),  # the same English
        clip(text="co", english="Huh?"),  # the same Czech
        clip(text="Co?", english="Oh?", language="nl"),  # the same letters in another language
        clip(text="Vlastní.", english="Own."),
    ]
    for second, third in (("test", "validation"), ("validation", "test")):
        sides = ["train", "train", second, third, "train", "train"]
        kept = ["", "train", second, third, "train", "train"]
        assert split.part_sentences(rows, sides) == kept


def test_a_row_that_left_bars_nobody():
    rows = [clip(text="A", english="1"), clip(text="B", english="1"), clip(text="B", english="2")]
    sides = ["test", "validation", "train"]
    assert split.part_sentences(rows, sides) == ["test", "", "train"]


@pytest.mark.parametrize(
    ("language", "font", "level", "side"),
    [
        ("cs", "font_big", "a", "test"),
        ("nl", "font_big", "b", "test"),
        ("cs", "font_small", "a", "train"),
        ("cs", "font_small", "b", "train"),
        ("nl", "font_small", "a", "train"),
        ("nl", "font_small", "b", "validation"),
        ("cs", "font_parrot", "a", "validation"),
        ("cs", "font_both", "a", ""),
    ],
)
def test_sides_of_the_speakers(language, font, level, side):
    row = clip(language=language, font=font, level=level, role=split.role_of(font))
    assert split.split_speakers(row, {"a": "test", "b": "validation"}) == side


# Sound


def speech(before, during, after, noise=0.0):
    rng = np.random.default_rng(0)
    wave = rng.normal(0, noise, round((before + during + after) * RATE))
    start = round(before * RATE)
    wave[start : start + round(during * RATE)] += rng.normal(0, 0.1, round(during * RATE))
    return wave.astype(np.float32)


@pytest.mark.parametrize("noise", [0, 0.0003])
def test_trim_keeps_a_margin(noise):
    wave = sound.trim(speech(1, 2, 0.8, noise))
    assert len(wave) / RATE == pytest.approx(2.3, abs=0.021)


def test_trim_invents_nothing():
    wave = speech(0.05, 1, 0)
    np.testing.assert_array_equal(sound.trim(wave), wave)
    assert len(sound.trim(np.zeros(RATE, np.float32))) == 0
    assert len(sound.trim(np.zeros(0, np.float32))) == 0


def test_pauses_within_stay():
    wave = np.concatenate([speech(0, 1, 1), speech(0, 1, 0)])
    assert len(sound.trim(wave)) == len(wave)


@pytest.mark.parametrize("pitch", [100, 140, 220, 300])
def test_pitch_of_a_buzz(pitch):
    at = np.arange(RATE) / RATE
    wave = sum(np.sin(2 * np.pi * pitch * k * at) / k for k in range(1, 9))
    assert sound.pitch(0.2 * wave) == pytest.approx(pitch, rel=0.03)
    assert np.isnan(sound.pitch(np.zeros(RATE)))


def test_measures():
    wave = speech(0.1, 2, 0.1)
    found = sound.measure(wave)
    assert found["speech"] == pytest.approx(2, abs=0.02)
    assert found["decibels"] == pytest.approx(-20, abs=1)
    assert found["clipped"] == 0
    assert sound.measure(np.clip(30 * wave, -1, 1))["clipped"] > RATE


def test_the_licence_comes_from_the_first_place_that_has_it(tmp_path):
    import _licences

    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_bytes(_licences.PLACES[1].read_bytes())
    bad.write_text("another text")
    assert b"GENERAL PUBLIC LICENSE" in _licences.read_gpl_2((tmp_path / "none", bad, good))
    with pytest.raises(RuntimeError, match=r"none of .*bad"):
        _licences.read_gpl_2((tmp_path / "none", bad))
