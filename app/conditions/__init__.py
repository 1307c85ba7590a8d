"""The one condition language: which tickets. One meaning, several backends.

`tree.parse` checks a tree against the fields there are; `python.compile_tree` makes a function of it;
`app/static/js/conditions.js` evaluates the same tree in the browser; `words.sentence` reads it aloud.
"""
