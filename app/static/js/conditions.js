/* The condition language in the browser: the same meaning as app/conditions, leaf by leaf.

   conditions.holds(tree, facts): `tree` is Tree.as_script() (each leaf carries the kind of its field, and what is
   wanted as its operator compares it: texts folded, relative times resolved), `facts` are canonical values by name.
   Unknown operators and kinds throw: a tree nobody can read is never silently true or false. tests/conditions/test_backends.py compares this file with Python over generated trees. */
(function () {
  "use strict";

  /* Where Python's casefold differs from toLowerCase: code point:fold, in hexadecimal. Cherokee is below. */
  const FOLDS = new Map((
    "df:73.73 1f0:6a.30c 345:3b9 390:3b9.308.301 3b0:3c5.308.301 3c2:3c3 1c80:432 1c81:434 1c82:43e 1c83:441 " +
    "1c84:442 1c85:442 1c86:44a 1c87:463 1c88:a64b 1e96:68.331 1e97:74.308 1e98:77.30a 1e99:79.30a 1e9e:73.73 " +
    "1f50:3c5.313 1f52:3c5.313.300 1f54:3c5.313.301 1f56:3c5.313.342 1f80:1f00.3b9 1f81:1f01.3b9 " +
    "1f82:1f02.3b9 1f83:1f03.3b9 1f84:1f04.3b9 1f85:1f05.3b9 1f86:1f06.3b9 1f87:1f07.3b9 1f88:1f00.3b9 " +
    "1f89:1f01.3b9 1f8a:1f02.3b9 1f8b:1f03.3b9 1f8c:1f04.3b9 1f8d:1f05.3b9 1f8e:1f06.3b9 1f8f:1f07.3b9 " +
    "1f90:1f20.3b9 1f91:1f21.3b9 1f92:1f22.3b9 1f93:1f23.3b9 1f94:1f24.3b9 1f95:1f25.3b9 1f96:1f26.3b9 " +
    "1f97:1f27.3b9 1f98:1f20.3b9 1f99:1f21.3b9 1f9a:1f22.3b9 1f9b:1f23.3b9 1f9c:1f24.3b9 1f9d:1f25.3b9 " +
    "1f9e:1f26.3b9 1f9f:1f27.3b9 1fa0:1f60.3b9 1fa1:1f61.3b9 1fa2:1f62.3b9 1fa3:1f63.3b9 1fa4:1f64.3b9 " +
    "1fa5:1f65.3b9 1fa6:1f66.3b9 1fa7:1f67.3b9 1fa8:1f60.3b9 1fa9:1f61.3b9 1faa:1f62.3b9 1fab:1f63.3b9 " +
    "1fac:1f64.3b9 1fad:1f65.3b9 1fae:1f66.3b9 1faf:1f67.3b9 1fb2:1f70.3b9 1fb3:3b1.3b9 1fb4:3ac.3b9 " +
    "1fb6:3b1.342 1fb7:3b1.342.3b9 1fbc:3b1.3b9 1fc2:1f74.3b9 1fc3:3b7.3b9 1fc4:3ae.3b9 1fc6:3b7.342 " +
    "1fc7:3b7.342.3b9 1fcc:3b7.3b9 1fd2:3b9.308.300 1fd6:3b9.342 1fd7:3b9.308.342 1fe2:3c5.308.300 " +
    "1fe4:3c1.313 1fe6:3c5.342 1fe7:3c5.308.342 1ff2:1f7c.3b9 1ff3:3c9.3b9 1ff4:3ce.3b9 1ff6:3c9.342 " +
    "1ff7:3c9.342.3b9 1ffc:3c9.3b9")
    .split(" ").map((pair) => {
      const [from, to] = pair.split(":");
      return [parseInt(from, 16), String.fromCodePoint(...to.split(".").map((code) => parseInt(code, 16)))];
    }));
  const SPACES = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

  function foldedCharacter(character) {
    const code = character.codePointAt(0);
    if (FOLDS.has(code)) return FOLDS.get(code);
    if (code >= 0x13a0 && code <= 0x13f5) return character;
    if (code >= 0x13f8 && code <= 0x13fd) return String.fromCodePoint(code - 8);
    if (code >= 0xab70 && code <= 0xabbf) return String.fromCodePoint(code - 0xab70 + 0x13a0);
    return character.toLowerCase();
  }

  /* app.core.db.folded: NFKC, casefold, single spaces, trimmed. */
  function folded(text) {
    const characters = Array.from(text.normalize("NFKC"), foldedCharacter);
    return characters.join("").replace(SPACES, " ").replace(/^ | $/g, "");
  }

  const isText = (fact) => typeof fact === "string" && fact !== "";
  const text = (fact) => (typeof fact === "string" ? folded(fact) || null : null);
  const whole = (fact) => (Number.isInteger(fact) ? fact : null);
  const exact = (fact) => (isText(fact) ? fact : null);
  const truth = (fact) => (typeof fact === "boolean" ? fact : null);
  const key = (fact) => (Number.isInteger(fact) || isText(fact) ? fact : null);
  const keys = (fact) => {
    const found = Array.isArray(fact) ? fact.filter(isText) : [];
    return found.length ? found : null;
  };
  const anything = (fact) => {
    if (fact === null || fact === undefined || fact === "") return null;
    return typeof fact === "object" && Object.keys(fact).length === 0 ? null : true;
  };

  const KINDS = {
    text, number: whole, money: whole, date: exact, datetime: exact, time: exact, choice: exact, choices: keys,
    cascade: exact, boolean: truth, reference: key, place: exact,
    attachments: anything, table: anything, sealed: exact, masked: anything, coordinates: anything,
  };

  /* Texts order by code point, as in Python; JavaScript's own < orders by UTF-16 unit. */
  function order(left, right) {
    if (typeof left === "number") return left - right;
    const a = Array.from(left), b = Array.from(right);
    for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
      if (a[i] !== b[i]) return a[i].codePointAt(0) - b[i].codePointAt(0);
    }
    return a.length - b.length;
  }

  /* Whether the whole text is read by a machine (app/conditions/patterns/): all its ways are gone at once, so the
     time it takes grows with the text, and with nothing else. */
  function matches(text, steps) {
    let ways = reached(steps, [0]);
    for (const character of text) {
      const code = character.codePointAt(0);
      const read = [...ways].filter((at) => steps[at][0] === "read" && steps[at][1].some(([a, b]) => a <= code && code <= b));
      ways = reached(steps, read.map((at) => at + 1));
      if (!ways.size) return false;
    }
    return ways.has(steps.length - 1);
  }

  function reached(steps, from) {
    const found = new Set(), waiting = from.slice();
    while (waiting.length) {
      const at = waiting.pop();
      if (found.has(at)) continue;
      found.add(at);
      if (steps[at][0] === "either") waiting.push(steps[at][1], steps[at][2]);
    }
    return found;
  }

  const between = (fact, low, high) => order(low, fact) <= 0 && order(fact, high) <= 0;
  const within = (fact, [begin, end]) => order(begin, fact) <= 0 && order(fact, end) < 0;

  const OPERATORS = {
    is: (fact, wanted) => fact === wanted,
    is_not: (fact, wanted) => fact !== wanted,
    is_any_of: (fact, wanted) => wanted.includes(fact),
    is_none_of: (fact, wanted) => !wanted.includes(fact),
    is_empty: (fact) => fact === null,
    is_not_empty: (fact) => fact !== null,
    contains: (fact, wanted) => fact.includes(wanted),
    does_not_contain: (fact, wanted) => !fact.includes(wanted),
    starts_with: (fact, wanted) => fact.startsWith(wanted),
    matches,
    is_less_than: (fact, wanted) => fact < wanted,
    is_at_least: (fact, wanted) => fact >= wanted,
    is_between: (fact, wanted) => between(fact, ...wanted),
    is_before: (fact, wanted) => order(fact, wanted) < 0,
    is_after: (fact, wanted) => order(fact, wanted) > 0,
    is_within_last: within,
    is_within_next: within,
    is_in_period: within,
    includes_any: (fact, wanted) => wanted.some((one) => fact.includes(one)),
    includes_all: (fact, wanted) => wanted.every((one) => fact.includes(one)),
    includes_none: (fact, wanted) => !wanted.some((one) => fact.includes(one)),
    is_below: (fact, wanted) => (fact + "/").startsWith(wanted),
    is_me: (fact, wanted) => fact === wanted,
    is_in_my_team: (fact, wanted) => wanted.includes(fact),
  };

  function leafHolds(leaf, facts) {
    const read = KINDS[leaf.kind];
    const operator = OPERATORS[leaf.op];
    if (!read || !operator) throw new Error(`condition: unknown kind ${leaf.kind} or operator ${leaf.op}`);
    const fact = read(Object.hasOwn(facts, leaf.field) ? facts[leaf.field] : null);
    return fact === null ? leaf.op === "is_empty" : operator(fact, leaf.value);
  }

  function holds(tree, facts) {
    if (tree.all) return tree.all.every((part) => holds(part, facts));
    if (tree.any) return tree.any.some((part) => holds(part, facts));
    if (tree.none) return !tree.none.some((part) => holds(part, facts));
    return leafHolds(tree, facts);
  }

  window.conditions = Object.freeze({ holds, folded });
})();
