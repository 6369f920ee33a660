"""The four tables that hold a ledger, the same in SQLite and PostgreSQL; `migrations` makes them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text

METADATA = MetaData()

ENTRIES = Table(
    "entries",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("entry_id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("created_utc", Text, nullable=False),
    Column("visibility", Text, nullable=False),
    Column("named_ports", Text, nullable=False),  # separated by blanks
    Column("subject", Text),
    Column("body_hash", Text, nullable=False),
    Column("seen_seq", Integer, nullable=False),
    Column("seen_hash", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("received_utc", Text, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Index("entries_by_subject", "subject", "kind"),
)
"""The chain; nothing in it is ever changed or deleted."""

BODIES = Table(
    "bodies",
    METADATA,
    Column("seq", Integer, ForeignKey("entries.seq"), primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
)
"""The records beside it, as canonical JSON; one that a member may not see is not in its copy."""

TOKENS = Table(
    "tokens",
    METADATA,
    Column("token_id", Text, primary_key=True),
    Column("port", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("scopes", Text, nullable=False),  # separated by blanks
    Column("secret_sha256", Text, nullable=False, unique=True),
    Column("created_utc", Text, nullable=False),
    Column("expires_utc", Text, nullable=False),
    Column("revoked_utc", Text),
    Column("per_minute", Integer, nullable=False),
)
"""What programs show to be let in; only hashes of the secrets."""

ABOUT = Table("about", METADATA, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
"""What this database is: a copy knows whose it is."""
