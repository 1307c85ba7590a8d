"""`folded` on PostgreSQL: the same SQL function, by the same name, that every connection to SQLite is given.

PostgreSQL's `lower` depends on the database's collation and knows no `ß` → `ss`; so the function says of each
character what Python's `casefold` says of it. Most texts hold no letter with a case beyond ASCII: they are done sooner.
"""

import sys
import unicodedata

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: What `str.split` takes for white space, besides the space.
_ODD_SPACES = r"\u0009-\u000d\u001c-\u001f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
#: What folding leaves as it is but for the capitals of ASCII: most of what is written here.
_PLAIN = "[!-~一-鿿、。「-』《》]+"
#: Characters closer than this are neighbours: the quick look at a text may say yes too often, never no.
_GAP = 64


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.get_bind().exec_driver_sql(_function())


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.get_bind().exec_driver_sql("DROP FUNCTION folded(text)")


def _function() -> str:
    folds = _folds()
    letters = {one: fold for one, fold in folds.items() if len(fold) == 1}
    several = {one: fold for one, fold in folds.items() if len(fold) > 1}
    spelled_out = "t"
    for one, fold in several.items():
        spelled_out = f"replace({spelled_out}, '{one}', '{fold}')"
    steps = [
        (block, f"translate(t, '{block}', '{''.join(letters[one] for one in block)}')") for block in _blocks(letters)
    ]
    steps.append(("".join(several), spelled_out))
    blocks = "".join(f"IF t ~ '[{block}]' THEN t := {code}; END IF;\n" for block, code in steps)
    return f"""
CREATE FUNCTION folded(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 50 AS $$
DECLARE t text := $1;
BEGIN
  IF t ~ '^{_PLAIN}( {_PLAIN})*$' THEN
    RETURN lower(t COLLATE "C");
  END IF;
  IF octet_length(t) <> char_length(t) THEN
    t := normalize(t, NFKC);
    IF t ~ '[{"".join(f"{block[0]}-{block[-1]}" for block in _blocks(folds))}]' THEN
      {blocks}
    END IF;
  END IF;
  t := lower(t COLLATE "C");
  IF t ~ '^ |  | $|[{_ODD_SPACES}]' THEN
    t := btrim(regexp_replace(t, '[ {_ODD_SPACES}]+', ' ', 'g'), ' ');
  END IF;
  RETURN t;
END $$"""


def _folds() -> dict[str, str]:
    """Return the folds of the characters beyond ASCII that have another and that NFKC leaves."""
    characters = map(chr, range(0x80, sys.maxunicode + 1))
    return {
        one: fold for one in characters if (fold := one.casefold()) != one and unicodedata.normalize("NFKC", one) == one
    }


def _blocks(characters: dict[str, str]) -> list[str]:
    """Return the characters in order, in blocks of those that are neighbours."""
    blocks: list[str] = []
    for character in sorted(characters):
        if blocks and ord(character) - ord(blocks[-1][-1]) <= _GAP:
            blocks[-1] += character
        else:
            blocks.append(character)
    return blocks
