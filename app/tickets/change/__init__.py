"""The change path: the one door by which tickets are made and changed, a batch at a time.

`opening` and `changing` lead an order through it: `read` (plain rows), `wish` and `links` (is what is asked
possible?), `plan` (what follows), `number`, `write` (set-based). Only `app.tickets.service` calls in.
"""
