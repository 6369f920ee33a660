#!/bin/sh
# Two roles: keeper owns the tables and upgrades them, app reads and appends; neither is above row-level security.
# The image of PostgreSQL runs this once, when its volume is empty.
set -eu
psql -v ON_ERROR_STOP=1 -v keeper="$KEEPER_PASSWORD" -v app="$APP_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE keeper LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'keeper';
CREATE ROLE app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'app';
CREATE DATABASE coalition OWNER keeper;
REVOKE ALL ON DATABASE coalition FROM PUBLIC;
GRANT CONNECT ON DATABASE coalition TO app;
SQL
