import time

import pytest

from bot.language.other_language import other_language


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("No siento las piernas desde ayer", "es"),
        ("je ne peux plus uriner", "fr"),
        ("Ich habe seit gestern Schmerzen in der Hüfte", "de"),
        ("ich habe rueckenschmerzen", "de"),
        ("não sinto as pernas", "pt"),
        ("nie czuję nóg", "pl"),
        ("nie moge chodzic, bol plecow", "pl"),
        ("tôi không đi tiểu được", "vi"),
        ("toi bi dau lung", "vi"),
        ("لا أشعر بساقي", "ar"),
        ("我的腿没有感觉", "zh"),
        ("腰がとても痛い", "ja"),
        ("허리가 아픕니다", "ko"),
        ("не чувствую ног", "ru"),
        ("non sento le gambe", "it"),
        ("کمرم درد میکند", "fa"),
    ],
)
def test_names_the_language(text, code):
    assert other_language(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "si",
        "ok",
        "ya",
        "45",
        "",
        "👍👍",
        "¯\\_(ツ)_/¯",
        "cant feel nuffin innit",
        "muchas gracias, that helped",
        "ciao for now",
        "nah ye alrite pal, nae bother",
        "my name is José Núñez",
        "psoas, iliacus and rectus femoris",
        "bk pn 4 2 wks, hrts wen i sit",
    ],
)
def test_english_is_english(text):
    assert other_language(text) is None


def test_a_long_text_takes_no_longer_than_a_short_one():
    other_language("me duele")
    began = time.perf_counter()
    other_language("me duele la espalda " * 100_000)
    assert time.perf_counter() - began < 0.1
