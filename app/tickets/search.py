"""Full-text search of tickets in Chinese and Latin scripts: one tokeniser, equal hits on both databases.

A run of CJK characters becomes its pairs (``空调不冷`` → ``空调 调不 不冷``) and its last character, so that a
word of two characters is one token and a single character is a prefix. Other letters and digits are whole
words, found by their beginning; of ``WX-2025`` the first is typed out, as the dash says. All words of a query must
occur; newest first, never by rank.

The tables cannot be said in SQLAlchemy's metadata on both databases, so `ddl` says them; `create_all` and the
migration both execute it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    MetaData,
    bindparam,
    column,
    event,
    false,
    func,
    select,
    text,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import Join, Select, TableClause, table

from app.core.db import Base, folded

#: More is cut: nobody finds a ticket by the end of a novel.
LONGEST_TEXT = 20_000
LONGEST_QUERY = 200
MOST_WORDS = 24
LONGEST_WORD = 60
#: Hexadecimal digits of a blind index that are kept: 80 bits tell all phone numbers of the world apart.
_MARK = 20
#: Share of all tickets up to which the planner's estimate is a guess.
_RARE = 0.006
#: Of the beginning of a word it says so little that the newest tickets are asked, so many of them.
_ASKED = 1_000

#: With the private use area, where old systems keep rare names; the surrogates before it are no characters.
_CJK = "⺀-⿟々-〇㐀-䶿一-鿿\ue000-\ufaffぁ-ヿ가-힯\U00020000-\U0003ffff"
_RUNS = re.compile(rf"(?P<cjk>[{_CJK}]+)|(?P<word>[^\W_{_CJK}]+)")
_WORDS = re.compile(rf"[^\W_{_CJK}]+")
#: What joins a word to the next: whoever typed it does not type on at the first.
_JOINED = re.compile(rf"[-._/][^\W_{_CJK}]")
#: Full-width punctuation: it parts words before and after normalising, which most texts then need no more.
_PUNCTUATION = re.compile("[\u2026\u3000\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff64]+")
#: Looking ahead takes nothing away, so the next pair begins with this one's second character.
_PAIRS = re.compile(rf"(?=([{_CJK}]{{1,2}}))")

_TSV: TableClause = table("ticket_search", column("ticket_id"), column("tokens"))
_FTS: TableClause = table("ticket_search", column("rowid"), column("tokens"))


def ddl(dialect: str) -> list[str]:
    """Return the statements that make the search tables; safe to execute twice."""
    if dialect == "sqlite":
        return [
            # The ascii tokeniser takes every character beyond ASCII as part of a word: our tokens stay whole. Words are
            # found by their beginning as people type them, up to the length of a day in a number: "WX-20261121".
            (
                "CREATE VIRTUAL TABLE IF NOT EXISTS ticket_search"
                " USING fts5(tokens, tokenize='ascii', detail=none, prefix='1 2 3 4 5 6 7 8')"
            )
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
    # All texts at once: a batch makes tokens for thousands, and the loops of `re` are cheaper than ours.
    text = folded(_PUNCTUATION.sub(" ", "\n".join([one[:LONGEST_TEXT] for one in texts])))
    found = {word[:LONGEST_WORD] for word in _WORDS.findall(text)}
    if not text.isascii():
        found.update(_PAIRS.findall(text))
    return sorted(found)


def _runs(one: str) -> Iterator[tuple[str, bool, bool]]:
    text = folded(one)
    for match in _RUNS.finditer(text):
        yield match[0], match.lastgroup == "cjk", _JOINED.match(text, match.end()) is None


def words(query: str) -> list[tuple[str, bool]]:
    """Return what must occur for ``query``: tokens, each with whether only its beginning is meant."""
    wanted: dict[tuple[str, bool], None] = {}
    for run, is_cjk, begins in _runs(query[:LONGEST_QUERY]):
        if not is_cjk:
            wanted[run[:LONGEST_WORD], begins] = None
        elif len(run) == 1:
            wanted[run, True] = None
        else:
            wanted.update({(run[i : i + 2], False): None for i in range(len(run) - 1)})
    return list(wanted)[:MOST_WORDS]


def may_be_rare(connection: Connection, query: str) -> bool:
    """Whether PostgreSQL should gather all tickets of ``query`` and sort them, instead of walking from the newest on.

    It takes a word it knows nothing of for common (1 in 200), and would walk all tickets to find none; and two
    beginnings that half of all tickets have for rare, and would sort all those: so where `sampled` is something, it
    has to hold as well.
    """
    wanted = words(query)
    if connection.dialect.name != "postgresql" or not wanted:
        return False
    # Of all tickets the planner says how many there are.
    both = union_all(holding("postgresql", wanted), select(_TSV.c.ticket_id))
    statement = both.compile(connection, compile_kwargs={"literal_binds": True})
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}".replace("%", "%%")).scalar_one()
    hits, every = (one["Plan Rows"] for one in plan[0]["Plan"]["Plans"])
    return bool(hits <= every * _RARE)


def sampled(dialect: str, query: str) -> Any:
    """Return whether the newest tickets say that ``query`` is rare, as part of a statement; None: no need to ask."""
    wanted = words(query)
    if dialect != "postgresql" or not any(begins for _word, begins in wanted):
        return None
    newest = select(_TSV).order_by(_TSV.c.ticket_id.desc()).limit(_ASKED).subquery("ticket_search")
    hits = select(func.count()).select_from(newest).where(_holds("postgresql", wanted))
    return hits.scalar_subquery() < _ASKED * _RARE


def narrowed(
    dialect: str, base: Select[Any], ticket_id: Any, query: str, few: Select[Any] | None = None, *, rare: bool = False
) -> tuple[Select[Any], Any]:
    """Return ``base`` limited to tickets that contain ``query``, and the search's own column of their ids.

    Ordering by that column lets both databases walk the index newest first and stop at the limit; where the words
    are `is_rare`, all that hold them are gathered instead. ``few``: all that it can be besides the words. A query
    without a letter or digit finds nothing, rather than everything.
    """
    wanted = words(query)
    if not wanted:
        return base.where(false()), ticket_id
    searched, own = _searched(dialect)
    if few is not None and dialect == "sqlite":
        # Before the ticket is looked at; and not one by one in the index of words, hence the sum.
        base = base.where((own + 0).in_(few))
    return base.select_from(Leading(searched, ticket_id.table, own == ticket_id)).where(_holds(dialect, wanted)), (
        own + 0 if rare else own
    )


def alone(dialect: str, query: str, names: Sequence[str], *, rare: bool) -> tuple[Select[Any], Any]:
    """Return the same for a query that asks nothing else of the tickets: their ids under ``names``, without them."""
    found = holding(dialect, words(query))
    (own,) = found.selected_columns
    return found.with_only_columns(*(own.label(name) for name in names)), own + 0 if rare else own


class Leading(Join):
    """A join that SQLite begins on the left: it knows nothing of how many tickets hold a word, or make a page.

    Left to itself it may walk all closed tickets and ask the search at each of them.
    """

    inherit_cache = True


@compiles(Leading, "sqlite")
def _in_order(join: Leading, compiler: SQLCompiler, **options: Any) -> str:
    left, right = (compiler.process(one, **{**options, "asfrom": True}) for one in (join.left, join.right))
    condition: Any = join.onclause
    return f"{left} CROSS JOIN {right} ON {compiler.process(condition, **options)}"


def holding(dialect: str, wanted: Sequence[tuple[str, bool]]) -> Select[Any]:
    """Return a select of the ids of the tickets that hold all of ``wanted`` (see `words`)."""
    searched, own = _searched(dialect)
    return select(own).select_from(searched).where(_holds(dialect, wanted) if wanted else false())


def holding_one(dialect: str, marks: Sequence[str]) -> Select[Any]:
    """Return a select of the ids of the tickets that hold one of ``marks``."""
    searched, own = _searched(dialect)
    return select(own).select_from(searched).where(_holds(dialect, [(one, False) for one in marks], every=False))


def mark(index: str) -> str:
    """Return the token of a blind index (see `Keyring`): a sign no query is read as, so that nobody types it."""
    return f"¤{index[:_MARK]}"


def _searched(dialect: str) -> tuple[TableClause, Any]:
    return (_FTS, _FTS.c.rowid) if dialect == "sqlite" else (_TSV, _TSV.c.ticket_id)


def _holds(dialect: str, wanted: Sequence[tuple[str, bool]], *, every: bool = True) -> Any:
    if dialect == "sqlite":
        expression = (" AND " if every else " OR ").join(
            f'"{word}"*' if begins else f'"{word}"' for word, begins in wanted
        )
        return text("ticket_search MATCH :search_match").bindparams(_expression(expression))
    expression = (" & " if every else " | ").join(f"'{word}':*" if begins else f"'{word}'" for word, begins in wanted)
    return text("ticket_search.tokens @@ CAST(:search_match AS tsquery)").bindparams(_expression(expression))


def _expression(match: str) -> BindParameter[str]:
    # Several searches may stand in one statement, each with its own.
    return bindparam("search_match", match, unique=True)


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
