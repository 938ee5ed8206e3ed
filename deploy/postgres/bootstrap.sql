-- SPDX-License-Identifier: Apache-2.0
-- What a superuser runs once in a new cluster, and may run again at any time:
--   psql --set ON_ERROR_STOP=1 --dbname postgres --file bootstrap.sql
--
-- Per service: a schema, an owner role that migrates it (DDL), and a runtime role that reads and writes rows
-- of this schema only. Nobody reaches another service's schema. Passwords are not set here: tools/up lets
-- the kernel vouch for local callers (peer); elsewhere use ALTER ROLE … PASSWORD and scram-sha-256.
\set ON_ERROR_STOP 1

SELECT 'CREATE DATABASE lianqiao ENCODING ''UTF8'' LOCALE ''C.UTF-8'' TEMPLATE template0'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'lianqiao') \gexec

\connect lianqiao

REVOKE ALL ON DATABASE lianqiao FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

DO $bootstrap$
DECLARE
  service text;
  owner text;
BEGIN
  FOREACH service IN ARRAY ARRAY['identity', 'alliance_registry', 'teacher_exchange', 'teaching_research',
    'resource_sharing'] LOOP
    owner := service || '_owner';
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = owner) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT', owner);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = service) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT', service);
    END IF;
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', service, owner);
    -- Bulk writes stage their rows in temporary tables.
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE lianqiao TO %I, %I', service, owner);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', service, service);
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I
                    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', owner, service, service);
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I
                    GRANT USAGE, SELECT ON SEQUENCES TO %I', owner, service, service);
    -- Functions are callable by everyone unless said otherwise; here, by their service only.
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC', owner);
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I
                    GRANT EXECUTE ON FUNCTIONS TO %I', owner, service, service);
    EXECUTE format('ALTER ROLE %I IN DATABASE lianqiao SET search_path = %I', service, service);
    EXECUTE format('ALTER ROLE %I IN DATABASE lianqiao SET search_path = %I', owner, service);
    EXECUTE format('ALTER ROLE %I IN DATABASE lianqiao SET timezone = ''UTC''', service);
    -- Statements of a service take milliseconds; compiling one of them takes seconds.
    EXECUTE format('ALTER ROLE %I IN DATABASE lianqiao SET jit = off', service);
    EXECUTE format('ALTER ROLE %I IN DATABASE lianqiao SET timezone = ''UTC''', owner);
  END LOOP;
END
$bootstrap$;
