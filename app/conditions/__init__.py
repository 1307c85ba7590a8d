"""The one condition language: which tickets. One meaning, four backends that a test holds to it.

`tree.parse` checks a tree against the fields there are. `python.compile_tree` makes a function of it, and
`compile_trees` one function of many; `sql.matching` makes it a condition of a statement on SQLite or PostgreSQL;
`app/static/js/conditions.js` evaluates it in the browser. `words.sentence` reads it aloud, `trace.trace` says why.
"""
