"""Patterns: what engines would not agree about is refused with its place, and nothing takes long."""

import re
import time

import pytest
from sqlalchemy import literal, select
from sqlalchemy.exc import DBAPIError

from app.conditions.patterns import PatternError, read_pattern

#: What takes longer than anybody lives where every way is tried.
HARD = ("(a+)+$", "(a|a)*b", "(a*)*c", "(.*)*x")


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ("(a", 3), ("a)", 2), ("[a", 3), ("a**", 3), ("a++", 3), ("*a", 1), ("a|*", 3), ("a{x}", 2), ("a{2,1}", 2),
        ("a{1,101}", 2), ("a^b", 2), ("a$b", 2), ("(?=a)", 2), ("(?P<n>a)", 2), ("(?i)a", 2), (r"(a)\1", 5), (r"\b", 2),
        (r"\n", 2), ("a\\", 3), ("[z-a]", 5), ("[[:alpha:]]", 2), ("[ß]", 3), ("]", 1), ("}", 1), ("x" * 201, 200),
        ("(a{1,50}){1,50}", 1), ("(" * 11 + ")" * 11, 12), (r"[^\d\D]", 8), (r"a[^\w\W]", 9), ("a\ud800", 2),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_at_its_place(pattern, place):
    with pytest.raises(PatternError) as refused:
        read_pattern(pattern)
    assert refused.value.place == place


@pytest.mark.parametrize(
    ("pattern", "matching", "failing"),
    [
        (r"\d{3,4}-?\d{7,8}", ["0755-26001234", "01026001234"], ["26001234"]),
        (r"\w+@\w+\.com", ["a_1@b.com"], ["a_1@bxcom"]),
        (r"^\S+ \S+$", ["a b"], ["ab", "a b c"]),
        (r"[^\d]*", ["", "abc"], ["a1"]),
        (r"a{2}", ["aa"], ["a", "aaa"]),
        (r"(?:ab|c)*?d??", ["", "abc", "abcd"], ["dab"]),
        (r"", [""], ["a"]),
        (r"()*a", ["a"], ["b"]),
        (r"[a\-\]]+", ["a-]"], ["b"]),
        (r"[.*]", [".", "*"], ["a"]),
        (r"[A-Z]{2}[０-９]+", ["ab12"], ["a12"]),
        (r"e\.g\.", ["e.g."], ["exgx"]),
        ("e\u0301+", ["é", "éé"], ["e"]),
        (r"[一-龥]{2}", ["维修"], ["维", "ab"]),
        (r"[\d\D]", ["a", "1"], ["", "ab"]),
    ],
)
def test_a_pattern_matches_the_whole_text(pattern, matching, failing):
    read = read_pattern(pattern)
    assert [read.matches(one) for one in (*matching, *failing)] == [True] * len(matching) + [False] * len(failing)
    assert [re.search(read.regex, one) is not None for one in (*matching, *failing)] == [
        read.matches(one) for one in (*matching, *failing)
    ]


@pytest.mark.parametrize("pattern", HARD)
def test_no_pattern_takes_long(pattern):
    began = time.process_time()
    assert not read_pattern(pattern).matches("a" * 20_000 + "!")
    assert time.process_time() - began < 1


def test_no_pattern_takes_a_database_long(work):
    if work.dialect == "sqlite":
        # What goes back over a text knows such a reference, and would hold the worker over the patterns below.
        with pytest.raises(DBAPIError), work.session.begin_nested():
            work.session.scalar(select(literal("aa").regexp_match(r"(a)\1")))
    began = time.monotonic()
    for pattern in HARD:
        found = literal("a" * 20_000 + "!").regexp_match(read_pattern(pattern).regex)
        assert not work.session.scalar(select(found))
    assert time.monotonic() - began < 5
