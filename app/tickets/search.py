"""Full-text search of tickets in Chinese and Latin scripts: one tokeniser, equal hits on both databases.

A run of CJK characters becomes its pairs (``空调不冷`` → ``空调 调不 不冷``) and its last character, so that a
word of two characters is one token and a single character is a prefix. Other letters and digits are whole
words, found by their beginning. All words of a query must occur; newest first, never by rank.

The tables cannot be said in SQLAlchemy's metadata on both databases, so `ddl` says them; `create_all` and the
migration both execute it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, MetaData, column, event, false, text
from sqlalchemy.sql.expression import Select, TableClause, table

from app.core.db import Base, folded

#: More is cut: nobody finds a ticket by the end of a novel.
LONGEST_TEXT = 20_000
LONGEST_QUERY = 200
MOST_WORDS = 24
LONGEST_WORD = 60

_CJK = "⺀-⿟々-〇㐀-䶿一-鿿豈-﫿ぁ-ヿ가-힯\U00020000-\U0003ffff"
_RUNS = re.compile(rf"(?P<cjk>[{_CJK}]+)|(?P<word>[^\W_{_CJK}]+)")

_TSV: TableClause = table("ticket_search", column("ticket_id"), column("tokens"))
_FTS: TableClause = table("ticket_search", column("rowid"), column("tokens"))


def ddl(dialect: str) -> list[str]:
    """Return the statements that make the search tables; safe to execute twice."""
    if dialect == "sqlite":
        return [
            # The ascii tokeniser takes every character beyond ASCII as part of a word: our tokens stay whole.
            "CREATE VIRTUAL TABLE IF NOT EXISTS ticket_search USING fts5(tokens, tokenize='ascii', detail=none)"
        ]
    return [
        "CREATE TABLE IF NOT EXISTS ticket_search (ticket_id BIGINT PRIMARY KEY, tokens TSVECTOR NOT NULL)",
        "CREATE INDEX IF NOT EXISTS ix_ticket_search_tokens ON ticket_search USING gin (tokens)",
    ]


def drop_ddl() -> list[str]:
    """Return the statements that drop what `ddl` makes."""
    return ["DROP TABLE IF EXISTS ticket_search"]


@event.listens_for(Base.metadata, "after_create")
def _create(_target: MetaData, connection: Connection, **_options: Any) -> None:
    for statement in ddl(connection.dialect.name):
        connection.execute(text(statement))


@event.listens_for(Base.metadata, "before_drop")
def _drop(_target: MetaData, connection: Connection, **_options: Any) -> None:
    for statement in drop_ddl():
        connection.execute(text(statement))


def tokens(texts: Iterable[str]) -> list[str]:
    """Return the distinct tokens of ``texts``, sorted."""
    found: set[str] = set()
    for one in texts:
        for run, is_cjk in _runs(one[:LONGEST_TEXT]):
            if is_cjk:
                found.update(run[i : i + 2] for i in range(len(run)))
            else:
                found.add(run[:LONGEST_WORD])
    return sorted(found)


def _runs(one: str) -> Iterator[tuple[str, bool]]:
    for match in _RUNS.finditer(folded(one)):
        yield match[0], match.lastgroup == "cjk"


def words(query: str) -> list[tuple[str, bool]]:
    """Return what must occur for ``query``: tokens, each with whether only its beginning is meant."""
    wanted: dict[tuple[str, bool], None] = {}
    for run, is_cjk in _runs(query[:LONGEST_QUERY]):
        if not is_cjk:
            wanted[run[:LONGEST_WORD], True] = None
        elif len(run) == 1:
            wanted[run, True] = None
        else:
            wanted.update({(run[i : i + 2], False): None for i in range(len(run) - 1)})
    return list(wanted)[:MOST_WORDS]


def narrowed(dialect: str, base: Select[Any], ticket_id: Any, query: str) -> tuple[Select[Any], Any]:
    """Return ``base`` limited to tickets that contain ``query``, and the search's own column of their ids.

    Ordering by that column lets both databases walk the index newest first and stop at the limit. A query
    without a letter or digit finds nothing, rather than everything.
    """
    wanted = words(query)
    if not wanted:
        return base.where(false()), ticket_id
    if dialect == "sqlite":
        own, expression = _FTS.c.rowid, " AND ".join(f'"{word}"*' if begins else f'"{word}"' for word, begins in wanted)
        matches = text("ticket_search MATCH :search_match")
    else:
        own, expression = (
            _TSV.c.ticket_id,
            " & ".join(f"'{word}':*" if begins else f"'{word}'" for word, begins in wanted),
        )
        matches = text("ticket_search.tokens @@ CAST(:search_match AS tsquery)")
    searched = _FTS if dialect == "sqlite" else _TSV
    return base.join(searched, own == ticket_id).where(matches.bindparams(search_match=expression)), own


def write(connection: Connection, rows: Sequence[tuple[int, list[str]]], *, fresh: bool) -> None:
    """Store the tokens of tickets; ``fresh``: none of them has a row yet."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        if not fresh:
            connection.exec_driver_sql("DELETE FROM ticket_search WHERE rowid = ?", [(one,) for one, _tokens in rows])
        connection.exec_driver_sql(
            "INSERT INTO ticket_search (rowid, tokens) VALUES (?, ?)", [(one, " ".join(found)) for one, found in rows]
        )
        return
    connection.exec_driver_sql(
        "INSERT INTO ticket_search (ticket_id, tokens)"
        " SELECT id, array_to_tsvector(string_to_array(words, ' '))"
        " FROM unnest(%s::bigint[], %s::text[]) AS n(id, words)"
        " ON CONFLICT (ticket_id) DO UPDATE SET tokens = excluded.tokens",
        ([one for one, _tokens in rows], [" ".join(found) for _one, found in rows]),
    )
