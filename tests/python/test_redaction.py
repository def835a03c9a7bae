"""Redaction: what tells who wrote a text goes, and ordinary text stays."""

import random
import re
import string
import time
import unicodedata

import pandas as pd
import pytest

import worlds
from worlds import Bench, World

MARK = re.compile(r"\[(e-mail|handle|iban|tax number|number)\]")

E_MAILS = (
    "anna.rossi+x@mail.example.it",
    "a@b.co.uk",
    "josé.núñez@exämple.de",
    "ANNA_ROSSI@EXAMPLE.COM",
    "anna＠example.com",
    "anna @ example.it",
    "anna (at) example (dot) it",
    "anna[at]example.it",
    "anna chiocciola example punto it",
    "ana arroba example ponto pt",
    "anna at example dot com",
)
PHONES = (
    "+39 02 1234567",
    "+39-333-1234567",
    "02/1234567",
    "(011) 555 12 34",
    "+55 (11) 91234-5678",
    "06 12 34 56 78",
    "06.12.34.56.78",
    "0049 171 1234567",
    "02–1234567",
    "02\u00a01234567",
    "02\u20111234567",
    "020 7946 0018",
    "555-1234",
    "０２１２３４５６７",
    "٠١٢٣٤٥٦٧٨",
    "+49 030 / 1234567",
    "123\u200b4567",
)
IBANS = (
    "IT60X0542811101000000123456",
    "IT60 X054 2811 1010 0000 0123 456",
    "it60x0542811101000000123456",
    "DE89 3704 0044 0532 0130 00",
    "DE89370400440532013000",
    "de89 3704 0044 0532 0130 00",
    "GB29 NWBK 6016 1331 9268 19",
    "FR14 2004 1010 0505 0001 3M02 606",
    "ES91-2100-0418-4502-0005-1332",
    "PT50 0002 0123 1234 5678 9015 4",
    "BR18 0036 0305 0000 1000 9795 493C 1",
)
TAX_NUMBERS = (
    "RSSMRA85T10A562S",
    "rssmra85t10a562s",
    "RSSMRA8RT1LA5S2S",
    "RSS MRA 85T10 A562 S",
    "123.456.789-09",
    "12.345.678/0001-95",
    "12.ABC.345/01DE-35",
    "12345678901",
    "12345678Z",
    "12345678-z",
    "12.345.678-Z",
    "X1234567L",
    "y-1234567-x",
    "1 85 05 75 116 001 42",
    "1850575116001",
    "1 85 05 2A 123 456 78",
    "12 345 678 901",
    "65 180539 W 003",
    "93/815/08152",
    "QQ 12 34 56 C",
    "QQ123456C",
    "qq123456c",
)
CARDS = (
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "3782 822463 10005",
    "4111.1111.1111.1111",
)
HANDLES = ("@anna_rossi", "@Anna.Rossi99")

ORDINARY = (
    "Order 1234 took 10 days",
    "Order 12345 and order 123456 came together",
    "Ordine nr 123456 di ieri",
    "ORDER 123456 DONE",
    "It cost 1.299,90 EUR and not 999,00",
    "R$ 150,00 em 12x de 12,50",
    "49,99 € al mese per 24 mesi",
    "Comprado em 21/12/2017 e entregue em 20/01/2018",
    "Am 03.04.2019.",
    "bestellt am 01.02.2020, geliefert am 09.02.2020",
    "2017-04-27 10:30",
    "27/04/2017, 28/04/2017",
    "HP 662 XL and iPhone 12 64 GB 2020",
    "tra le 10:30 e le 12:45",
    "5 @ 3.50 EUR",
    "300/100 Mbit for 24/7",
    "NPS 9 of 10, 95 % sure",
    "version 10.0.0.1 of the app",
    "Straordinariamente gentile",
    "Rechtsschutzversicherung gekündigt",
    "tutto perfetto per me",
    "We met at the shop, dot",
    "😡 плохо 差 ١٢",
    "",
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The model that redacts, on texts of our own."""
    world: World = worlds.small(tmp_path_factory)
    made = Bench(world)
    made.give(
        "reference.score_scales",
        "select 'nps_0_10' as scale, 6 as detractor_maximum, 9 as promoter_minimum, true as is_nps",
    )
    made.connection.execute(f"attach '{world.file}' as world (read_only)")
    for empty in ("staging.base_crm__customers", "intermediate.int_shared_ids"):
        made.give(empty.replace("base", "stg"), f"from world.{empty} where false")
    return made


def redacted(bench: Bench, texts: list[str]) -> list[str]:
    """What the fact holds of each text."""
    frame = pd.DataFrame({"key": [f"{n:06d}" for n in range(len(texts))], "text": texts})
    bench.give(
        "staging.stg_survey__responses",
        """
        select empty.* replace (
            key as response_id, text as verbatim, 'nps_0_10' as score_scale, 5 as score,
            timestamp '2024-01-01' as responded_at
        )
        from texts
        left join (from world.staging.base_survey__responses where false) as empty on true
        """,
        texts=frame,
    )
    rows = bench.run("intermediate.int_answers_voiced").sort_values("response_id")
    return [str(text) for text in rows["redacted_verbatim"]]


def leaks(secret: str, text: str) -> bool:
    """Whether four characters of a secret that name somebody are still there."""
    kept = re.sub(r"[^a-z0-9]", "", MARK.sub("|", text).lower())
    plain = re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKC", secret).lower())
    return any(plain[n : n + 4] in kept for n in range(len(plain) - 3))


@pytest.mark.parametrize(
    ("mark", "secrets"),
    [
        ("[e-mail]", E_MAILS),
        ("[number]", PHONES),
        ("[iban]", IBANS),
        (None, TAX_NUMBERS),
        ("[number]", CARDS),
        ("[handle]", HANDLES),
    ],
    ids=["e-mail", "phone", "iban", "tax", "card", "handle"],
)
def test_what_tells_who_wrote_is_gone_and_the_words_around_it_stay(
    bench: Bench, mark: str | None, secrets: tuple[str, ...]
) -> None:
    frames = ("{}", "Xx {} yy", "xx: {}, yy.", "({}) yy", "xx\n{}\nyy", "Ünù {} Ünù")
    texts = [frame.format(secret) for secret in secrets for frame in frames]
    for text, found, secret in zip(
        texts, redacted(bench, texts), [s for s in secrets for _ in frames], strict=True
    ):
        assert not leaks(secret, found), (text, found)
        assert MARK.search(found), (text, found)
        if mark:
            assert mark in found, (text, found)
        for word in re.findall(r"\b(?:Xx|xx|yy|Ünù)\b", text):
            assert word in found, (text, found)


def test_ordinary_text_stays_to_the_letter(bench: Bench) -> None:
    texts = [*ORDINARY, " ".join(ORDINARY[:5])]
    assert redacted(bench, texts) == texts


def test_redacting_twice_changes_nothing(bench: Bench) -> None:
    secrets = [*E_MAILS, *PHONES, *IBANS, *TAX_NUMBERS, *CARDS, *HANDLES]
    once = redacted(bench, [f"call {secret} on 01/02/2024" for secret in secrets])
    assert redacted(bench, once) == once


def test_a_number_is_found_however_it_is_grouped(bench: Bench) -> None:
    """Seven to nineteen digits with any usual gap between any two of them."""
    draw = random.Random(1)
    gaps = ["", "", "", " ", "-", ".", "/", " - ", "\u00a0"]
    secrets = []
    for _ in range(2_000):
        digits = draw.choices(string.digits, k=draw.randint(7, 19))
        secrets.append(digits[0] + "".join(draw.choice(gaps) + digit for digit in digits[1:]))
    looks_like_a_date = re.compile(r"(19|20)\d\d")
    texts = redacted(bench, [f"tel {secret} ok" for secret in secrets])
    for secret, found in zip(secrets, texts, strict=True):
        if not looks_like_a_date.search(secret):
            assert found == "tel [number] ok", (secret, found)


def test_no_text_stalls_the_build(bench: Bench) -> None:
    """100 kB of what patterns like to begin with."""
    openings = ["1 ", "a", "a@", "IT60X", "12/", "(at", "a at b ", "1 85 05 2A "]
    long = [opening * (100_000 // len(opening)) for opening in openings]
    short = [text[: len(text) // 8] for text in long]
    seconds = []
    for texts in (short, long):
        start = time.process_time()
        found = redacted(bench, texts)
        seconds.append(time.process_time() - start)
    # Eight times the text takes about eight times as long; a pattern that goes back takes 64 times.
    assert seconds[1] < 24 * max(seconds[0], 0.1)
    assert not re.search(r"\d", found[0])
    assert found[1] == long[1]


def test_odd_characters_do_not_hide_a_number(bench: Bench) -> None:
    found = redacted(bench, ["tel 333\x001234567\x00 ok", "tel 333\t1234567", "👍333 1234567👍"])
    assert not [text for text in found if re.search(r"\d", text)]


def test_patterns_are_read_alike_by_both_engines(bench: Bench) -> None:
    """No looking around, no reference back, and no repetition without an end: Java searches those
    for ever, or deeper than its stack."""
    sql = bench.world.compiled("int_answers_voiced")
    patterns = re.findall(r"'((?:[^']|'')*)', '[^']*', 'g'\)", sql)
    assert len(patterns) >= 10
    for pattern in patterns:
        outside_classes = re.sub(r"\[(?:\\.|\[:\w+:\]|[^\]\\])*\]", "C", pattern)
        assert not re.search(r"\(\?[=!<]", outside_classes), pattern
        assert not re.search(r"\\[1-9]", outside_classes), pattern
        assert not re.search(r"(?<!\\)[*+]|\{\d+,\}", outside_classes), pattern
