-- Writing in bulk (design §7): a submission is stored as it was sent, cut into chunks of records in the order
-- in which they can be written, and written chunk by chunk. Everything is deleted after 7 days.

CREATE TABLE import (
  import_id uuid PRIMARY KEY,
  client_id text NOT NULL,
  -- Empty: the hash of options and content stands for it.
  request_id text NOT NULL,
  options bytea NOT NULL,
  options_hash bytea NOT NULL,
  acting_person text NOT NULL,
  acting_role text NOT NULL,
  trace_id text NOT NULL,
  -- Records one by one instead of a file.
  typed boolean NOT NULL DEFAULT false,
  -- Names of lianqiao.sync.v1.Import.State.
  state text NOT NULL,
  received_bytes bigint NOT NULL DEFAULT 0,
  chunks integer NOT NULL DEFAULT 0,
  -- Once all of it is here.
  content_sha256 bytea,
  create_time timestamptz NOT NULL,
  receive_time timestamptz NOT NULL,
  start_time timestamptz,
  end_time timestamptz,
  -- All lines have been read and put in order; what is left is to write them.
  staged boolean NOT NULL DEFAULT false,
  -- Of CSV, for naming columns in the report.
  header text[] NOT NULL DEFAULT '{}',
  record_count bigint NOT NULL DEFAULT 0,
  created_count bigint NOT NULL DEFAULT 0,
  updated_count bigint NOT NULL DEFAULT 0,
  unchanged_count bigint NOT NULL DEFAULT 0,
  deleted_count bigint NOT NULL DEFAULT 0,
  refused_count bigint NOT NULL DEFAULT 0,
  -- lianqiao.options.v1.Failure: why all of it failed.
  problem bytea,
  cancel_requested boolean NOT NULL DEFAULT false,
  -- Who works on it, and until when nobody else may.
  lease_id uuid,
  lease_until timestamptz,
  -- Workers that began on it since its last progress.
  attempts integer NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX import_request ON import (client_id, request_id) WHERE request_id <> '';
CREATE UNIQUE INDEX import_content ON import (client_id, options_hash, content_sha256)
  WHERE request_id = '' AND content_sha256 IS NOT NULL;
CREATE INDEX import_client ON import (client_id, create_time, import_id);
CREATE INDEX import_waiting ON import (create_time)
  WHERE state IN ('STATE_QUEUED', 'STATE_RUNNING');
CREATE INDEX import_create_time ON import (create_time);

-- The content as it was sent.
CREATE TABLE import_chunk (
  import_id uuid NOT NULL,
  number integer NOT NULL,
  first_byte bigint NOT NULL,
  content bytea NOT NULL,
  PRIMARY KEY (import_id, number)
);
ALTER TABLE import_chunk ALTER COLUMN content SET STORAGE EXTERNAL;

-- Records that are written in one transaction: of one kind, at one level of the reference graph, of one
-- bucket of the feed.
CREATE TABLE import_block (
  import_id uuid NOT NULL,
  number integer NOT NULL,
  -- Written in this order: what is referred to before what refers to it.
  step integer NOT NULL,
  bucket smallint NOT NULL,
  kind text NOT NULL,
  removes boolean NOT NULL,
  records bytea NOT NULL,
  done boolean NOT NULL DEFAULT false,
  PRIMARY KEY (import_id, number)
);
ALTER TABLE import_block ALTER COLUMN records SET STORAGE EXTERNAL;
CREATE INDEX import_block_next ON import_block (import_id, step, bucket, number) WHERE NOT done;

CREATE TABLE import_error (
  import_id uuid NOT NULL,
  line bigint NOT NULL,
  kind text NOT NULL,
  record text NOT NULL,
  -- google.rpc.Code.
  code smallint NOT NULL,
  -- lianqiao.options.v1.Failure.
  failure bytea NOT NULL,
  PRIMARY KEY (import_id, line)
);
