"""The network of friendly ports: what they promised each other, how far they are, and a ledger that all can trust.

Where to look: `relations` (ports, agreements, corridors with their sources), `indicators` (the sixteen indicators),
`records` (commitments and values), `progress` (promise beside value), `ledger` (the signed chain in a database),
`verify` (an export held against the rules), `pull` (a member's own copy), `tokens`. Functions are taken from there.
"""
