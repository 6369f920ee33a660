"""Shore power: which ship can plug in at which berth, what it saves, what to build first.

Where to look: `match` (verdicts), `render` (one pair in full), `missing` (facts to obtain), `coverage`, `savings`,
`economics`, `upgrades` (what to build first), `verify` (its certificate), `cooperate`; `registers` and `records` read
what ports and carriers keep. Functions carry the names of their modules: take them from there, or from `sisterport`.
"""
