"""The coalition's server: the ledger over HTTP. Thin: parse, check the token, call, answer.

Where to look: `app` (put together), `auth` (who asks), `limits` (how much and how often), `problems` (every error as
RFC 9457), `view` (what is read), `entries`, `lists`, `tokens` (endpoints), `ops` (health, metrics, logs), `docs`.
"""
