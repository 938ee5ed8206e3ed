-- Reading in bulk as files: what a client asked for, how far it has come, and the files. Everything is
-- deleted after 7 days.

CREATE TABLE export (
  export_id uuid PRIMARY KEY,
  client_id text NOT NULL,
  -- Empty: cannot be repeated.
  request_id text NOT NULL,
  -- lianqiao.sync.v1.CreateExportRequest.
  request bytea NOT NULL,
  request_hash bytea NOT NULL,
  -- Of the call that asked, for the access log.
  token_id text NOT NULL,
  acting_person text NOT NULL,
  acting_role text NOT NULL,
  peer text NOT NULL,
  call_id text NOT NULL,
  trace_id text NOT NULL,
  -- Names of lianqiao.sync.v1.Export.State.
  state text NOT NULL,
  create_time timestamptz NOT NULL,
  end_time timestamptz,
  -- Where to tail from, and what its reader could see: read before the first row. Empty: not begun.
  cursor text NOT NULL DEFAULT '',
  scopes text NOT NULL DEFAULT '',
  -- Where the next file begins: kinds in order, and behind which record of the first.
  kinds_left text[] NOT NULL DEFAULT '{}',
  after_id uuid,
  file_count integer NOT NULL DEFAULT 0,
  record_count bigint NOT NULL DEFAULT 0,
  -- How often it was begun: a change of grants in its middle begins it anew.
  beginnings integer NOT NULL DEFAULT 0,
  -- Ended without files, but chunks are left.
  unswept boolean NOT NULL DEFAULT false,
  -- Who works on it, and until when nobody else may.
  lease_id uuid,
  lease_until timestamptz
);
CREATE INDEX export_own ON export (client_id, export_id);
CREATE INDEX export_request ON export (client_id, request_id) WHERE request_id <> '';
CREATE INDEX export_waiting ON export (lease_until, export_id)
  WHERE state IN ('STATE_QUEUED', 'STATE_RUNNING');
CREATE INDEX export_unswept ON export (export_id) WHERE unswept;
CREATE INDEX export_create_time ON export (create_time);

-- One row per client that ever exported: locked while its exports are counted.
CREATE TABLE export_client (
  client_id text PRIMARY KEY
);

-- Complete files.
CREATE TABLE export_file (
  export_id uuid NOT NULL,
  -- Begins with its number, so that names are in the order in which to load the files.
  name text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  record_count bigint NOT NULL,
  size_bytes bigint NOT NULL,
  sha256 bytea NOT NULL,
  PRIMARY KEY (export_id, name)
);

-- Their content in pieces of 256 KiB, only the last of a file shorter.
CREATE TABLE export_chunk (
  export_id uuid NOT NULL,
  name text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  content bytea NOT NULL,
  PRIMARY KEY (export_id, name, number)
);
ALTER TABLE export_chunk ALTER COLUMN content SET STORAGE EXTERNAL;
