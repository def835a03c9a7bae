"""Themes of verbatims: what each text is about, in six languages, and what it is not about."""

import itertools
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

import worlds
from pointworth_worlds import datasets
from worlds import ROOT, Bench, World

# What the simulator's customers write, in the order of its lists: detractors, passives, promoters.
MEANT = (
    ({"billing"}, {"price"}, {"network_quality"}),
    ({"responsiveness"}, {"price"}),
    ({"responsiveness", "customer_service"}, {"network_quality", "praise_general"}),
)
# What some of them say besides: nobody called back, service was middling, it is fine.
BESIDES = {"responsiveness", "customer_service", "praise_general"}

SIMULATED = [
    (language, text, meant)
    for language, *by_category in datasets._VERBATIMS
    for texts, themes in zip(by_category, MEANT, strict=True)
    for text, meant in zip(texts, themes, strict=True)
]

PRAISED = {
    "de": ("Ich kann es empfehlen.", "Das ist wirklich gut", "Guten Tag, ich bin sehr zufrieden"),
    "en": ("I would recommend it", "Very good indeed", "Not cheap. I love it"),
    "es": ("Lo recomiendo", "Es muy bueno", "No es barato, es excelente"),
    "fr": ("Je le recommande", "C'est vraiment bon", "Pas cher, je suis content"),
    "it": ("Lo consiglio", "È davvero ottimo", "Non è caro, sono soddisfatto"),
    "pt": ("Recomendo", "É mesmo bom", "Não é caro. Gostei"),
}
NOT_PRAISED = {
    "de": (
        "Ich kann es nicht empfehlen",
        "Das ist gar nicht gut",
        "Guten Tag, wo bleibt es?",
        "Kein guter",
    ),
    "en": (
        "I would not recommend it",
        "It isn't very good",
        "Never happy with it",
        "Good morning, where is it?",
    ),
    "es": ("No lo recomiendo", "No es muy bueno", "Buenos días, ¿dónde está?", "Nunca contento"),
    "fr": ("Je ne le recommande pas", "Ce n'est pas bon", "Je recommande pas", "Jamais content"),
    "it": ("Non lo consiglio", "Non è molto buono", "Buona sera, dov'è?", "Mai contento"),
    "pt": ("Não recomendo", "Não é muito bom", "Bom dia, onde está?", "Nunca gostei"),
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The models that find themes, with the seed as it is and no pattern of a landing's own."""
    world: World = worlds.every_pack(tmp_path_factory)
    made = Bench(world)
    made.connection.execute(f"attach '{world.file}' as world (read_only)")
    made.give("reference.verbatim_patterns", "from world.reference.verbatim_patterns")
    made.give(
        "staging.stg_survey__verbatim_patterns",
        "select theme, language, pattern, unless_negated "
        "from world.reference.verbatim_patterns limit 0",
    )
    return made


def themes_of(bench: Bench, texts: Sequence[tuple[str | None, str]]) -> list[set[str]]:
    """The themes found in each (language, text)."""
    frame = pd.DataFrame(texts, columns=["language", "text"]).assign(key=range(len(texts)))
    bench.give(
        "intermediate.int_answers_voiced",
        """
        select key as response_id, language::varchar as language, text as redacted_verbatim
        from texts
        """,
        texts=frame,
    )
    bench.run("intermediate.int_verbatim_patterns")
    bench.run("intermediate.int_verbatim_words")
    found: list[set[str]] = [set() for _ in texts]
    for key, theme in bench.run("intermediate.int_verbatim_mentions").itertuples(index=False):
        found[key].add(theme)
    return found


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text,
        str.upper,
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: "".join(c for c in unicodedata.normalize("NFD", text) if c.isascii()),
        lambda text: f"\n\t «{text}» 😡\x00… 差",
        lambda text: text.replace(" ", "  \u00a0"),
    ],
    ids=["as written", "shouted", "decomposed", "without accents", "among signs", "wide"],
)
def test_what_simulated_customers_write_is_understood_in_each_language(
    bench: Bench, written: Callable[[str], str]
) -> None:
    texts = [(language, written(text)) for language, text, _ in SIMULATED]
    for (language, text, meant), found in zip(SIMULATED, themes_of(bench, texts), strict=True):
        assert meant <= found <= meant | BESIDES, (language, text, found)


@pytest.mark.parametrize("language", [None, "", "xx", "ita", "??"])
def test_a_text_of_no_known_language_is_read_in_all(bench: Bench, language: str | None) -> None:
    found = themes_of(bench, [(language, text) for _, text, _ in SIMULATED])
    for (_, text, meant), themes in zip(SIMULATED, found, strict=True):
        assert meant <= themes, (text, themes)


@pytest.mark.parametrize("language", ["pt-BR", "pt_PT", "PT", " pt "])
def test_a_language_is_known_by_its_first_part(bench: Bench, language: str) -> None:
    portuguese, italian = themes_of(bench, [(language, "fatura"), (language, "bolletta")])
    assert portuguese == {"billing"}
    assert italian == set()


@pytest.mark.parametrize("language", PRAISED)
def test_praise_counts_unless_it_is_denied(bench: Bench, language: str) -> None:
    texts = [*PRAISED[language], *NOT_PRAISED[language]]
    found = themes_of(bench, [(language, text) for text in texts])
    praised = {
        text for text, themes in zip(texts, found, strict=True) if "praise_general" in themes
    }
    assert praised == set(PRAISED[language])


@pytest.mark.parametrize("language", NOT_PRAISED)
def test_praise_denied_by_its_usual_words_is_criticism(bench: Bench, language: str) -> None:
    (found,) = themes_of(bench, [(language, NOT_PRAISED[language][0])])
    assert "criticism_general" in found


def spelled_out(pattern: str) -> list[str]:
    """The patterns that alternatives in braces stand for."""
    choices = [part.split("|") for part in re.split(r"[{}]", pattern)]
    return ["".join(parts) for parts in itertools.product(*choices)]


def test_every_pattern_of_the_seed_finds_itself(bench: Bench) -> None:
    """A pattern that could never match would be silent for ever."""
    seed = bench.connection.execute(
        "select theme, language, pattern from build.reference.verbatim_patterns"
    ).fetchall()
    rows = [
        (theme, language, spelled)
        for theme, language, pattern in seed
        for spelled in spelled_out(pattern)
    ]
    texts = [(language, spelled.replace("*", " x ")) for _, language, spelled in rows]
    missed = [
        row for row, found in zip(rows, themes_of(bench, texts), strict=True) if row[0] not in found
    ]
    assert not missed
    assert {language for _, language, _ in rows} == {"it", "fr", "en", "pt", "de", "es"}
    themes = {theme for theme, *_ in rows}
    assert {(theme, language) for theme, language, _ in rows} == {
        (theme, language) for theme in themes for language in ("it", "fr", "en", "pt", "de", "es")
    }


def test_a_word_inside_another_is_another_word(bench: Bench) -> None:
    found = themes_of(
        bench,
        [
            ("en", "The applied feeding is notable"),
            ("pt", "Carolina descarou"),
            ("it", "cartella lineare"),
        ],
    )
    assert found == [set(), set(), set()]


def test_odd_texts_have_no_theme_and_do_no_harm(bench: Bench) -> None:
    odd = [
        "",
        " ",
        "\x00",
        "😡😡",
        "плохо",
        "差",
        "\n\n\n",
        "....",
        "%",
        "_",
        "\\",
        "(",
        "[a-z]*",
        "*",
        "'",
    ]
    assert themes_of(bench, [("en", text) for text in odd]) == [set()] * len(odd)
    long = ["price " * 20_000, "not " * 25_000, "x" * 100_000, "é" * 100_000, "quick " * 17_000]
    found = themes_of(bench, [(None, text) for text in long])
    assert "price" in found[0]
    assert found[2] == set()


def test_what_comes_after_the_first_four_thousand_characters_is_not_looked_at(bench: Bench) -> None:
    inside, outside = themes_of(
        bench, [("en", "x " * 1_990 + "price"), ("en", "x " * 2_000 + "price")]
    )
    assert inside == {"price"}
    assert outside == set()


def test_what_redaction_put_in_is_no_word(bench: Bench) -> None:
    marks = "[e-mail] [handle] [iban] [tax number] [number]"
    assert themes_of(bench, [(None, marks)]) == [set()]


def broken_rules(
    bench: Bench, theme: str, language: str, pattern: str, flag: bool | None
) -> set[str]:
    """The rules of the seed, and of the patterns read from it, that a row breaks."""
    row = pd.DataFrame(
        {
            "pack": ["general"],
            "theme": [theme],
            "language": [language],
            "pattern": [pattern],
            "unless_negated": [flag],
        }
    )
    broken = set()
    try:
        bench.give("reference.verbatim_patterns", "from bad", bad=row)
        bench.run("intermediate.int_verbatim_patterns")
        for file, relation in (
            ("seeds/_verbatim_patterns.yml", "reference.verbatim_patterns"),
            (
                "models/areas/verbatim/steps/_verbatim_steps__models.yml",
                "intermediate.int_verbatim_patterns",
            ),
        ):
            content = yaml.safe_load((ROOT / file).read_text("utf-8"))
            nodes = content.get("seeds", []) + content.get("models", [])
            (node,) = [node for node in nodes if node["name"] == relation.split(".")[1]]
            (test,) = [test["keeps_its_rules"] for test in node["data_tests"]]
            for name, rule in test["arguments"]["rules"].items():
                query = f"select count(*) from build.{relation} where not coalesce({rule}, false)"
                if bench.connection.execute(query).fetchone() != (0,):
                    broken.add(name)
    finally:
        bench.give("reference.verbatim_patterns", "from world.reference.verbatim_patterns")
    return broken


@pytest.mark.parametrize(
    ("pattern", "rule"),
    [
        ("late|wrong bill", "alternatives stand in braces"),
        ("late {bill", "alternatives are closed"),
        ("{a|b} {c|d} {e|f} {g|h} {i|j}", "no more than four sets of alternatives"),
        ("entreg(a|ue)", "a pattern is made of words and not a regular expression"),
        ("[a-z]+", "a pattern is made of words and not a regular expression"),
        ("^late$", "a pattern is made of words and not a regular expression"),
        ("*late", "an ending is left open behind three letters at least"),
        ("ab*", "an ending is left open behind three letters at least"),
        ("плохо", "a pattern begins with a word"),
        ("...", "a pattern begins with a word"),
    ],
)
def test_a_pattern_that_could_not_work_is_named(bench: Bench, pattern: str, rule: str) -> None:
    assert rule in broken_rules(bench, "theme", "en", pattern, False)
    assert not broken_rules(bench, "theme", "en", "late * delivery", False)


def test_a_theme_may_not_be_called_like_a_total(bench: Bench) -> None:
    assert broken_rules(bench, "any", "EN", "late", None) == {
        "the names of totals are no themes",
        "a language is a code of two letters",
        "each row says whether negation matters",
    }


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A landing with patterns of its own and one pack, and texts about what no pack knows."""
    rows = [f"r{i},c{i},2024-01-{1 + i % 28:02d},{i % 11},the barrier is broken" for i in range(40)]
    rows += [f"s{i},c{i},2024-02-{1 + i % 28:02d},2,towering rossini" for i in range(4)]
    rows += [f"t{i},c{i},2024-02-{1 + i % 28:02d},9,purple elephants again" for i in range(9)]

    def write(folder: Path) -> None:
        folder.mkdir()
        header = "response_id,customer_id,responded_at,score,verbatim"
        answers = "\n".join(f"{row},en" for row in rows)
        (folder / "survey_responses.csv").write_text(f"{header},language\n{answers}\n")
        customers = "\n".join(f"c{i},2020-01-01" for i in range(40))
        (folder / "crm_customers.csv").write_text(f"customer_id,acquired_on\n{customers}\n")
        (folder / "verbatim_patterns.csv").write_text(
            "theme,language,pattern,unless_negated\n"
            "Car Park,en,barrier,\nparking,en,barr(ier|ow),\nany,en,barrier,\n"
        )

    return worlds.built_once(
        tmp_path_factory,
        "own_patterns",
        write,
        select=["+verbatim_unexplained", "+rejected_rows", "+int_verbatim_counts"],
        verbatim_packs=["collections"],
    )


def test_a_landing_brings_patterns_of_its_own(own: World) -> None:
    assert own.rows(
        "select theme, count(*) from intermediate.int_verbatim_mentions group by 1"
    ) == [("car_park", 40)]
    assert own.rows(
        "select reasons from marts.rejected_rows where dataset = 'verbatim_patterns' order by 1"
    ) == [("reserved_theme",), ("wrong_form_pattern",)]


def test_only_the_chosen_packs_are_looked_for(own: World) -> None:
    themes = {theme for (theme,) in own.rows("select theme from intermediate.int_verbatim_counts")}
    assert {"car_park", "payment_plan", "any", "none"} <= themes
    assert not {"price", "network_quality", "outage"} & themes


def test_what_no_theme_explains_is_listed_without_what_few_said(own: World) -> None:
    listed = own.rows(
        "select term_kind, term, texts, unexplained_texts, passives + promoters "
        "from marts.verbatim_unexplained order by term_kind, term"
    )
    assert listed == [
        ("pair", "purple elephants", 9, 13, 9),
        ("word", "elephants", 9, 13, 9),
        ("word", "purple", 9, 13, 9),
    ]


def test_the_seed_is_sorted_so_that_a_change_shows_as_one_line() -> None:
    path = str(ROOT / "seeds" / "verbatim_patterns.csv")
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select pack, theme, language from read_csv('{path}')"
        ).fetchall()
    assert rows == sorted(rows)
