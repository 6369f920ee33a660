"""Make the ledger: append-only, one chain, two persons; in PostgreSQL every port sees its own rows only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_APPEND_ONLY = "the ledger is append-only"
_CHAIN = f"""
NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entries)
OR NEW.prev_hash <> coalesce((SELECT hash FROM entries ORDER BY seq DESC LIMIT 1), '{"0" * 64}')
"""  # noqa: S608 - the text is all ours, here and below
_ONE_PERSON = """
NEW.kind = 'approve' AND (
  NOT EXISTS (SELECT 1 FROM entries r WHERE r.entry_id = NEW.subject AND r.owner = NEW.owner
              AND r.author <> NEW.author AND r.key_id <> NEW.key_id)
  OR EXISTS (SELECT 1 FROM entries s WHERE s.kind = 'submit' AND s.subject = NEW.subject AND s.author = NEW.author))
"""
_UNAPPROVED = """
NEW.kind = 'publish' AND NOT EXISTS (
  SELECT 1 FROM entries a WHERE a.kind = 'approve' AND a.subject = NEW.subject AND a.owner = NEW.owner)
"""
_RULES = {
    "not the next entry of the chain": _CHAIN,
    "author and approver are one person": _ONE_PERSON,
    "published without a second signature": _UNAPPROVED,
}

_ME = "current_setting('sisterport.port', true)"
_MEMBER = f"{_ME} ~ '^[A-Z]{{2}}[A-Z0-9]{{3}}$'"
_OUT = """(e.kind NOT IN ('commitment', 'indicator')
  OR EXISTS (SELECT 1 FROM entries p WHERE p.kind = 'publish' AND p.subject = e.entry_id))"""
_MAY_SEE = f"""(e.owner = {_ME}
  OR ({_MEMBER} AND e.kind IN ('revoke', 'submit', 'approve', 'reject', 'publish', 'head', 'read'))
  OR ({_OUT} AND (
  ({_ME} = 'public' OR {_MEMBER}) AND e.visibility = 'public'
  OR {_MEMBER} AND e.visibility = 'coalition'
  OR {_MEMBER} AND e.visibility = 'named' AND position({_ME} IN e.named_ports) > 0)))"""


def upgrade() -> None:
    """Make tables and rules."""
    op.create_table(
        "entries",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entry_id", sa.Text, nullable=False, unique=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("kind", "owner", "author", "key_id", "created_utc", "visibility", "named_ports")
        ),
        sa.Column("subject", sa.Text),
        sa.Column("body_hash", sa.Text, nullable=False),
        sa.Column("seen_seq", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("seen_hash", "signature", "received_utc", "prev_hash")),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
    )
    op.create_index("entries_by_subject", "entries", ["subject", "kind"])
    op.create_table(
        "bodies",
        sa.Column("seq", sa.Integer, sa.ForeignKey("entries.seq"), primary_key=True, autoincrement=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("token_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("port", "user", "scopes")),
        sa.Column("secret_sha256", sa.Text, nullable=False, unique=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("created_utc", "expires_utc")),
        sa.Column("revoked_utc", sa.Text),
        sa.Column("per_minute", sa.Integer, nullable=False),
    )
    op.create_table("about", sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False))
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def _sqlite() -> None:
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER entries_no_{event.lower()} BEFORE {event} ON entries "
            f"BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END"
        )
    op.execute(
        f"CREATE TRIGGER bodies_no_update BEFORE UPDATE ON bodies BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END"
    )
    for number, (message, wrong) in enumerate(_RULES.items()):
        op.execute(
            f"CREATE TRIGGER entries_rule_{number} BEFORE INSERT ON entries WHEN {wrong} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )


def _postgresql() -> None:
    tests = "\n".join(f"IF {wrong} THEN RAISE EXCEPTION '{message}'; END IF;" for message, wrong in _RULES.items())
    op.execute(
        f"CREATE FUNCTION entries_rules() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {tests} RETURN NEW; END $$"
    )
    op.execute(
        "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_APPEND_ONLY}'; END $$"
    )
    op.execute("CREATE TRIGGER entries_rules BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION entries_rules()")
    for table, events in (("entries", "UPDATE OR DELETE"), ("bodies", "UPDATE")):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
    # the second wall: without a port set for the transaction nothing is seen, not even by the owner of the tables
    for table in ("entries", "bodies", "tokens"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    readers = f"{_MEMBER} OR ({_ME} = 'public' AND visibility = 'public')"
    op.execute(f"CREATE POLICY members_read ON entries FOR SELECT USING ({readers})")
    op.execute(f"CREATE POLICY own_insert ON entries FOR INSERT WITH CHECK (owner = {_ME})")
    seen = f"EXISTS (SELECT 1 FROM entries e WHERE e.seq = bodies.seq AND {_MAY_SEE})"  # noqa: S608
    own = f"EXISTS (SELECT 1 FROM entries e WHERE e.seq = bodies.seq AND e.owner = {_ME})"  # noqa: S608
    op.execute(f"CREATE POLICY may_see ON bodies FOR SELECT USING ({seen})")
    op.execute(f"CREATE POLICY own_insert ON bodies FOR INSERT WITH CHECK ({own})")
    shown = "secret_sha256 = current_setting('sisterport.presented', true)"
    op.execute(f"CREATE POLICY own ON tokens USING (port = {_ME} OR {shown}) WITH CHECK (port = {_ME})")
