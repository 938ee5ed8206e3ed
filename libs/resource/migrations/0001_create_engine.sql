-- What every service's schema holds besides its own tables: feed, history, idempotency, identifiers (design
-- §5, §6).

CREATE TABLE feed_meta (
  epoch uuid NOT NULL,
  buckets smallint NOT NULL CHECK (buckets BETWEEN 1 AND 32),
  reason text NOT NULL,
  -- Authenticates page tokens and cursors of this schema.
  token_secret bytea NOT NULL,
  started_at timestamptz NOT NULL,
  -- Revisions before it may be purged: read_time is refused below it.
  history_horizon timestamptz
);
INSERT INTO feed_meta
VALUES (gen_random_uuid(), 16, 'created', uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
        now());

-- One counter per bucket, raised by the last statement of every writing transaction: dense, ordered by
-- commit.
CREATE TABLE feed_head (
  bucket smallint PRIMARY KEY,
  pos bigint NOT NULL,
  head_digest bytea NOT NULL,
  low_pos bigint NOT NULL DEFAULT 0,
  low_digest bytea NOT NULL DEFAULT '\x0000000000000000'
) WITH (fillfactor = 10);

CREATE TABLE change (
  bucket smallint NOT NULL,
  pos bigint NOT NULL,
  change_id uuid NOT NULL,
  kind text NOT NULL,
  id uuid NOT NULL,
  revision bigint NOT NULL,
  operation text NOT NULL,
  changed_fields text[] NOT NULL,
  scope_before uuid[] NOT NULL,
  scope_after uuid[] NOT NULL,
  actor text NOT NULL,
  acting_person text NOT NULL,
  request_id text NOT NULL,
  trace_id text NOT NULL,
  time timestamptz NOT NULL,
  commit_last boolean NOT NULL,
  digest bytea NOT NULL,
  PRIMARY KEY (bucket, pos)
);

CREATE TABLE revision (
  kind text NOT NULL,
  id uuid NOT NULL,
  revision bigint NOT NULL,
  time timestamptz NOT NULL,
  bucket smallint NOT NULL,
  pos bigint NOT NULL,
  state bytea NOT NULL,
  PRIMARY KEY (kind, id, revision)
);

-- Answers of writes by request_id. Standard methods name one record; others list the records of their answer
-- as "field:kind:id:revision".
CREATE TABLE idempotency (
  client_id text NOT NULL,
  request_id text NOT NULL,
  method text NOT NULL,
  request_hash bytea NOT NULL,
  answer text[] NOT NULL,
  bucket smallint NOT NULL,
  pos bigint NOT NULL,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (client_id, request_id)
);
CREATE INDEX idempotency_create_time ON idempotency (create_time);

CREATE TABLE external_id (
  kind text NOT NULL,
  system text NOT NULL,
  value text NOT NULL,
  valid_from date,
  valid_to date,
  id uuid NOT NULL,
  CONSTRAINT external_id_unique PRIMARY KEY (kind, system, value)
);
CREATE INDEX external_id_id ON external_id (id);

-- Ids that a merge or split retired; followed when a reference names one.
CREATE TABLE redirect (
  kind text NOT NULL,
  old_id uuid NOT NULL,
  new_id uuid NOT NULL,
  time timestamptz NOT NULL,
  PRIMARY KEY (kind, old_id)
);

-- Dependants of a record whose scope changed, still to be stamped; worked off in chunks, resumable.
CREATE TABLE restamp_job (
  job_id uuid PRIMARY KEY,
  kind text NOT NULL,
  id uuid NOT NULL,
  -- Which kind of dependant is next, and after which of them.
  step integer NOT NULL DEFAULT 0,
  after_id uuid,
  create_time timestamptz NOT NULL
);

-- The last business date (Asia/Shanghai) whose beginnings and ends were stamped, per kind of party.
CREATE TABLE daily_stamp (
  kind text PRIMARY KEY,
  done_on date NOT NULL,
  -- Within the day after it: owners up to this one are done.
  after_id uuid
);
