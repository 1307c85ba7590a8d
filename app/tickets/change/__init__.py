"""The change path: the one door by which tickets are made and changed, a batch at a time.

`opening` and `changing` lead an order through it: `read` (plain rows), `wished_columns` and `named_things` (is what is
asked possible?), `state_locks` (may it be changed in its state?), `answering` (the answers and what follows from them),
`plan` (what will become of it), `number`, `write` (set-based). Only `app.tickets.service` calls in.
"""
