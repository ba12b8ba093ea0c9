"""What may be a term or a replacement, and how lists of terms are read."""

import csv
import io

import pytest

from appliance.errors import Refused
from appliance.facts.vocabulary import Line, Term
from appliance.reading.pairs import pair_key, read_pair
from appliance.reading.revising import revise
from appliance.reading.term_lists import MOST_LINES, decode_list, read_list, write_list
from appliance.reading.terms import (
    LONGEST,
    MOST_LISTENED,
    ROOM,
    count_fitting,
    estimate_tokens,
    read_term,
)


@pytest.mark.parametrize("text", ["Bravecto", "Dr. O'Neil-Ünal", "3M tape", "K9 Advantix II", "猫"])
def test_names_and_products_are_terms(text: str) -> None:
    assert read_term(f"  {text}  ") == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "with letters"),
        ("  555 ", "with letters"),
        ("a, b", "no commas"),
        ("x" * (LONGEST + 1), "at most"),
        ("a b c d e f g", "at most"),
        ("=HYPERLINK(A1)", "begins with a letter"),
        ("-Rex", "begins with a letter"),
        ("Rex\x00", "cannot be seen"),
        ("Re\u202ex", "cannot be seen"),
        ("<b>Rex", "begins with"),
    ],
)
def test_what_is_no_term_is_told_plainly(text: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        read_term(text)


def test_the_estimate_never_promises_more_than_there_can_be() -> None:
    assert estimate_tokens("Bravecto") >= 4
    assert estimate_tokens("Ünal") > estimate_tokens("Unal")
    terms = [f"Bravecto {number}" for number in range(MOST_LISTENED)]
    fitting = count_fitting(terms)
    assert sum(map(estimate_tokens, terms[:fitting])) <= ROOM
    assert sum(map(estimate_tokens, terms[: fitting + 1])) > ROOM
    assert count_fitting(terms[:3]) == 3
    assert min(estimate_tokens(term) for term in ("a", "猫")) * MOST_LISTENED > ROOM


@pytest.mark.parametrize(
    ("heard", "meant", "told"),
    [
        ("", "Bravecto", "type what is heard"),
        ("brave ecto", "…", "type what is meant"),
        ("the", "Bravecto", "in many lines"),
        ("The,", "Bravecto", "in many lines"),
        ("7", "Bravecto", "in many lines"),
        ("b", "Bravecto", "in many lines"),
        ("Bravecto", "Bravecto", "nothing to replace"),
        ("x" * 61, "Bravecto", "at most"),
        ("a b c d e f", "Bravecto", "at most"),
        ("brave\x07ecto", "Bravecto", "cannot be seen"),
        ("rim a dill", "Rimadyl", "replaced already"),
        ("Rimadyl", "rim a dill", "the opposite"),
        ("rim oh dill", "rim a dill", "itself replaced"),
        ("Rimadyl", "carprofen", "ends in this word"),
    ],
)
def test_a_replacement_that_would_do_harm_is_refused(heard: str, meant: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        read_pair(heard, meant, [("rim a dill", "Rimadyl")])


def test_what_passes_is_what_recognition_replaces() -> None:
    from appliance.facts.speech import Segment

    pair = read_pair(" Brave  ecto ", "Bravecto", [("ap o quell", "Apoquel")])
    said = Segment(index=0, text="So, brave ecto, please.")
    assert revise([said], [pair]).segments[0].text == "So, Bravecto, please."
    assert pair_key("“Brave” ecto!") == "brave ecto"


def test_pasted_lines_and_tables_are_read_alike() -> None:
    pasted = "\n Biscuit\r\nDr. Alvarez, al-VA-rez\n\n"
    assert terms_of(pasted, "pets") == [
        Term(group="pets", text="Biscuit"),
        Term(group="pets", text="Dr. Alvarez", note="al-VA-rez"),
    ]
    table = "Group;Term;Sounds like;Starred\nDoctors;Dr. Chen;;x\nDrugs & products;Apoquel;APP;\n"
    assert terms_of(table, "pets") == [
        Term(group="doctors", text="Dr. Chen", pinned=True),
        Term(group="drugs", text="Apoquel", note="APP"),
    ]
    assert terms_of("pets\tBiscuit\ndoctor\tChen", "other")[1].group == "doctors"


def terms_of(text: str, group: str) -> list[Term]:
    lines = read_list(text, group)
    assert all(line.term for line in lines)
    return [line.term for line in lines if line.term]


def test_each_wrong_line_is_told_by_its_number_and_the_others_are_read() -> None:
    lines = read_list(
        'term,group\nRex,pets\n"=SUM(A1)",pets\nMax,lions\n"stray\nLuna,pets', "other"
    )
    assert [line.number for line in lines] == [2, 3, 4, 5, 6]
    assert [bool(line.term) for line in lines] == [True, False, False, True, True]
    assert "begins with" in lines[1].problem and "no such group" in lines[2].problem


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_whatever_program_wrote_it(encoding: str) -> None:
    assert decode_list("Ünal, Dr. Peña".encode(encoding)) == "Ünal, Dr. Peña"


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(Refused, match="save the table as CSV"):
        decode_list(b"PK\x03\x04\x00\x00")
    with pytest.raises(Refused, match="CSV"):
        decode_list(b"\xff\xfe\x00")
    with pytest.raises(Refused, match="2 MB"):
        decode_list(b"a" * 2_000_001)


def test_ten_thousand_lines_are_read_and_one_more_is_refused() -> None:
    text = "\n".join(f"Rex {number}" for number in range(MOST_LINES))
    assert len(read_list(text, "pets")) == MOST_LINES
    with pytest.raises(Refused, match="split the list"):
        read_list(text + "\nRex", "pets")
    with pytest.raises(Refused, match="nothing in it"):
        read_list(" \n ", "pets")
    assert read_list("x" * 500_000, "pets")[0].problem


def test_a_written_table_is_read_back_and_no_spreadsheet_reckons_with_it() -> None:
    terms = [
        Term(group="doctors", text="Dr. Alvarez", note='say "al", then VA', pinned=True),
        Term(group="pets", text="Rex", note="=cmd|'/c calc'!A1"),
        Term(group="pets", text="Ünal", note="-1; 2"),
    ]
    text = write_list(terms)
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert [line.term for line in read_list(text, "other")] == terms
    assert read_list(text, "other")[0] == Line(number=2, term=terms[0])
