CREATE TABLE access_grant (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  client_id uuid NOT NULL,
  permission text NOT NULL DEFAULT ''::text,
  scope_kind text NOT NULL DEFAULT 'GRANT_SCOPE_KIND_UNSPECIFIED'::text,
  scope_id uuid,
  source_systems text[] NOT NULL DEFAULT '{}'::text[],
  valid_from timestamp with time zone,
  valid_to timestamp with time zone,
  CONSTRAINT access_grant_client_id_reference FOREIGN KEY (client_id) REFERENCES client(id),
  CONSTRAINT access_grant_pkey PRIMARY KEY (id)
);
CREATE INDEX access_grant_client_id ON access_grant USING btree (client_id, id);
CREATE UNIQUE INDEX access_grant_pkey ON access_grant USING btree (id);
CREATE INDEX access_grant_scope ON access_grant USING gin (scope);
CREATE INDEX access_grant_scope_id ON access_grant USING btree (scope_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON access_grant TO runtime;

CREATE TABLE access_log (
  id uuid NOT NULL,
  time timestamp with time zone NOT NULL,
  event text NOT NULL,
  client_id text NOT NULL,
  token_id text NOT NULL,
  acting_person text NOT NULL,
  acting_role text NOT NULL,
  method text NOT NULL,
  permission text NOT NULL,
  kind text NOT NULL,
  record_ids text[] NOT NULL,
  reason text NOT NULL,
  peer text NOT NULL,
  request_id text NOT NULL,
  trace_id text NOT NULL,
  forward_time timestamp with time zone,
  CONSTRAINT access_log_key PRIMARY KEY (id)
);
CREATE INDEX access_log_by_client ON access_log USING btree (client_id, "time", id);
CREATE INDEX access_log_by_event ON access_log USING btree (event, "time", id);
CREATE INDEX access_log_by_time ON access_log USING btree ("time", id);
CREATE UNIQUE INDEX access_log_key ON access_log USING btree (id);
CREATE INDEX access_log_waiting ON access_log USING btree (id) WHERE (forward_time IS NULL);
GRANT SELECT, INSERT ON access_log TO runtime;

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
  time timestamp with time zone NOT NULL,
  commit_last boolean NOT NULL,
  digest bytea NOT NULL,
  acting_role text NOT NULL DEFAULT ''::text,
  CONSTRAINT change_pkey PRIMARY KEY (bucket, pos)
);
CREATE UNIQUE INDEX change_pkey ON change USING btree (bucket, pos);
GRANT SELECT, INSERT, UPDATE, DELETE ON change TO runtime;

CREATE TABLE client (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  label text NOT NULL DEFAULT ''::text,
  organisation_id uuid,
  contact_role text NOT NULL DEFAULT ''::text,
  disabled boolean NOT NULL DEFAULT false,
  requests_per_second integer NOT NULL DEFAULT 0,
  request_burst integer NOT NULL DEFAULT 0,
  concurrent_requests integer NOT NULL DEFAULT 0,
  is_service boolean NOT NULL DEFAULT false,
  CONSTRAINT client_pkey PRIMARY KEY (id)
);
CREATE INDEX client_organisation_id ON client USING btree (organisation_id, id);
CREATE UNIQUE INDEX client_pkey ON client USING btree (id);
CREATE INDEX client_scope ON client USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON client TO runtime;

CREATE TABLE client_secret (
  id uuid NOT NULL,
  client_id uuid NOT NULL,
  selector text NOT NULL,
  hash text NOT NULL,
  create_time timestamp with time zone NOT NULL,
  revoke_time timestamp with time zone,
  CONSTRAINT client_secret_client FOREIGN KEY (client_id) REFERENCES client(id),
  CONSTRAINT client_secret_pkey PRIMARY KEY (id),
  CONSTRAINT client_secret_selector UNIQUE (selector)
);
CREATE INDEX client_secret_by_client ON client_secret USING btree (client_id);
CREATE UNIQUE INDEX client_secret_pkey ON client_secret USING btree (id);
CREATE UNIQUE INDEX client_secret_selector ON client_secret USING btree (selector);
GRANT SELECT, INSERT, UPDATE, DELETE ON client_secret TO runtime;

CREATE TABLE daily_stamp (
  kind text NOT NULL,
  done_on date NOT NULL,
  after_id uuid,
  CONSTRAINT daily_stamp_pkey PRIMARY KEY (kind)
);
CREATE UNIQUE INDEX daily_stamp_pkey ON daily_stamp USING btree (kind);
GRANT SELECT, INSERT, UPDATE, DELETE ON daily_stamp TO runtime;

CREATE TABLE erased_external_id (
  kind text NOT NULL,
  digest bytea NOT NULL,
  CONSTRAINT erased_external_id_pkey PRIMARY KEY (kind, digest)
);
CREATE UNIQUE INDEX erased_external_id_pkey ON erased_external_id USING btree (kind, digest);
GRANT SELECT, INSERT, UPDATE, DELETE ON erased_external_id TO runtime;

CREATE TABLE export (
  export_id uuid NOT NULL,
  client_id text NOT NULL,
  request_id text NOT NULL,
  request bytea NOT NULL,
  request_hash bytea NOT NULL,
  token_id text NOT NULL,
  acting_person text NOT NULL,
  acting_role text NOT NULL,
  peer text NOT NULL,
  call_id text NOT NULL,
  trace_id text NOT NULL,
  state text NOT NULL,
  create_time timestamp with time zone NOT NULL,
  end_time timestamp with time zone,
  cursor text NOT NULL DEFAULT ''::text,
  scopes text NOT NULL DEFAULT ''::text,
  kinds_left text[] NOT NULL DEFAULT '{}'::text[],
  after_id uuid,
  file_count integer NOT NULL DEFAULT 0,
  record_count bigint NOT NULL DEFAULT 0,
  beginnings integer NOT NULL DEFAULT 0,
  unswept boolean NOT NULL DEFAULT false,
  lease_id uuid,
  lease_until timestamp with time zone,
  problem bytea,
  CONSTRAINT export_pkey PRIMARY KEY (export_id)
);
CREATE INDEX export_create_time ON export USING btree (create_time);
CREATE INDEX export_own ON export USING btree (client_id, export_id);
CREATE UNIQUE INDEX export_pkey ON export USING btree (export_id);
CREATE INDEX export_request ON export USING btree (client_id, request_id) WHERE (request_id <> ''::text);
CREATE INDEX export_unswept ON export USING btree (export_id) WHERE unswept;
CREATE INDEX export_waiting ON export USING btree (lease_until, export_id) WHERE (state = ANY (ARRAY['STATE_QUEUED'::text, 'STATE_RUNNING'::text]));
GRANT SELECT, INSERT, UPDATE, DELETE ON export TO runtime;

CREATE TABLE export_chunk (
  export_id uuid NOT NULL,
  name text NOT NULL,
  number integer NOT NULL,
  content bytea NOT NULL,
  CONSTRAINT export_chunk_pkey PRIMARY KEY (export_id, name, number)
);
CREATE UNIQUE INDEX export_chunk_pkey ON export_chunk USING btree (export_id, name, number);
GRANT SELECT, INSERT, UPDATE, DELETE ON export_chunk TO runtime;

CREATE TABLE export_client (
  client_id text NOT NULL,
  CONSTRAINT export_client_pkey PRIMARY KEY (client_id)
);
CREATE UNIQUE INDEX export_client_pkey ON export_client USING btree (client_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON export_client TO runtime;

CREATE TABLE export_file (
  export_id uuid NOT NULL,
  name text NOT NULL,
  kind text NOT NULL,
  record_count bigint NOT NULL,
  size_bytes bigint NOT NULL,
  sha256 bytea NOT NULL,
  CONSTRAINT export_file_pkey PRIMARY KEY (export_id, name)
);
CREATE UNIQUE INDEX export_file_pkey ON export_file USING btree (export_id, name);
GRANT SELECT, INSERT, UPDATE, DELETE ON export_file TO runtime;

CREATE TABLE external_id (
  kind text NOT NULL,
  system text NOT NULL,
  value text NOT NULL,
  valid_from date,
  valid_to date,
  id uuid NOT NULL,
  CONSTRAINT external_id_unique PRIMARY KEY (kind, system, value)
);
CREATE INDEX external_id_id ON external_id USING btree (id);
CREATE UNIQUE INDEX external_id_unique ON external_id USING btree (kind, system, value);
GRANT SELECT, INSERT, UPDATE, DELETE ON external_id TO runtime;

CREATE TABLE feed_head (
  bucket smallint NOT NULL,
  pos bigint NOT NULL,
  head_digest bytea NOT NULL,
  low_pos bigint NOT NULL DEFAULT 0,
  low_digest bytea NOT NULL DEFAULT '\x0000000000000000'::bytea,
  CONSTRAINT feed_head_pkey PRIMARY KEY (bucket)
);
CREATE UNIQUE INDEX feed_head_pkey ON feed_head USING btree (bucket);
GRANT SELECT, INSERT, UPDATE, DELETE ON feed_head TO runtime;

CREATE TABLE feed_meta (
  epoch uuid NOT NULL,
  buckets smallint NOT NULL,
  reason text NOT NULL,
  token_secret bytea NOT NULL,
  started_at timestamp with time zone NOT NULL,
  history_horizon timestamp with time zone,
  horizon_raised_at timestamp with time zone,
  CONSTRAINT feed_meta_buckets_check CHECK (((buckets >= 1) AND (buckets <= 32)))
);
GRANT SELECT, INSERT, UPDATE, DELETE ON feed_meta TO runtime;

CREATE TABLE feed_origin (
  only_row boolean NOT NULL DEFAULT true,
  system_identifier text NOT NULL,
  timeline text NOT NULL,
  object_ids text NOT NULL,
  seen_at timestamp with time zone NOT NULL,
  CONSTRAINT feed_origin_only_row_check CHECK (only_row),
  CONSTRAINT feed_origin_pkey PRIMARY KEY (only_row)
);
CREATE UNIQUE INDEX feed_origin_pkey ON feed_origin USING btree (only_row);
GRANT SELECT, INSERT, UPDATE, DELETE ON feed_origin TO runtime;

CREATE TABLE feed_scope (
  scope_hash bytea NOT NULL,
  description text NOT NULL,
  used_on date NOT NULL,
  CONSTRAINT feed_scope_pkey PRIMARY KEY (scope_hash)
);
CREATE UNIQUE INDEX feed_scope_pkey ON feed_scope USING btree (scope_hash);
GRANT SELECT, INSERT, UPDATE, DELETE ON feed_scope TO runtime;

CREATE TABLE idempotency (
  client_id text NOT NULL,
  request_id text NOT NULL,
  method text NOT NULL,
  request_hash bytea NOT NULL,
  answer text[] NOT NULL,
  bucket smallint NOT NULL,
  pos bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  positions bigint[] NOT NULL DEFAULT '{}'::bigint[],
  CONSTRAINT idempotency_pkey PRIMARY KEY (client_id, request_id)
);
CREATE INDEX idempotency_create_time ON idempotency USING btree (create_time);
CREATE UNIQUE INDEX idempotency_pkey ON idempotency USING btree (client_id, request_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency TO runtime;

CREATE TABLE identity_stamp (
  only_row boolean NOT NULL,
  version bigint NOT NULL,
  CONSTRAINT identity_stamp_only_row_check CHECK (only_row),
  CONSTRAINT identity_stamp_pkey PRIMARY KEY (only_row)
);
CREATE UNIQUE INDEX identity_stamp_pkey ON identity_stamp USING btree (only_row);
GRANT SELECT, INSERT, UPDATE, DELETE ON identity_stamp TO runtime;

CREATE TABLE import (
  import_id uuid NOT NULL,
  client_id text NOT NULL,
  request_id text NOT NULL,
  options bytea NOT NULL,
  options_hash bytea NOT NULL,
  acting_person text NOT NULL,
  acting_role text NOT NULL,
  trace_id text NOT NULL,
  typed boolean NOT NULL DEFAULT false,
  state text NOT NULL,
  received_bytes bigint NOT NULL DEFAULT 0,
  chunks integer NOT NULL DEFAULT 0,
  content_sha256 bytea,
  create_time timestamp with time zone NOT NULL,
  receive_time timestamp with time zone NOT NULL,
  start_time timestamp with time zone,
  end_time timestamp with time zone,
  staged boolean NOT NULL DEFAULT false,
  header text[] NOT NULL DEFAULT '{}'::text[],
  record_count bigint NOT NULL DEFAULT 0,
  created_count bigint NOT NULL DEFAULT 0,
  updated_count bigint NOT NULL DEFAULT 0,
  unchanged_count bigint NOT NULL DEFAULT 0,
  deleted_count bigint NOT NULL DEFAULT 0,
  refused_count bigint NOT NULL DEFAULT 0,
  problem bytea,
  cancel_requested boolean NOT NULL DEFAULT false,
  lease_id uuid,
  lease_until timestamp with time zone,
  attempts integer NOT NULL DEFAULT 0,
  CONSTRAINT import_pkey PRIMARY KEY (import_id)
);
CREATE INDEX import_client ON import USING btree (client_id, create_time, import_id);
CREATE UNIQUE INDEX import_content ON import USING btree (client_id, options_hash, content_sha256) WHERE ((request_id = ''::text) AND (content_sha256 IS NOT NULL));
CREATE INDEX import_create_time ON import USING btree (create_time);
CREATE UNIQUE INDEX import_pkey ON import USING btree (import_id);
CREATE UNIQUE INDEX import_request ON import USING btree (client_id, request_id) WHERE (request_id <> ''::text);
CREATE INDEX import_waiting ON import USING btree (create_time) WHERE (state = ANY (ARRAY['STATE_QUEUED'::text, 'STATE_RUNNING'::text]));
GRANT SELECT, INSERT, UPDATE, DELETE ON import TO runtime;

CREATE TABLE import_block (
  import_id uuid NOT NULL,
  number integer NOT NULL,
  step integer NOT NULL,
  bucket smallint NOT NULL,
  kind text NOT NULL,
  removes boolean NOT NULL,
  records bytea NOT NULL,
  done boolean NOT NULL DEFAULT false,
  CONSTRAINT import_block_pkey PRIMARY KEY (import_id, number)
);
CREATE INDEX import_block_next ON import_block USING btree (import_id, step, bucket, number) WHERE (NOT done);
CREATE UNIQUE INDEX import_block_pkey ON import_block USING btree (import_id, number);
GRANT SELECT, INSERT, UPDATE, DELETE ON import_block TO runtime;

CREATE TABLE import_chunk (
  import_id uuid NOT NULL,
  number integer NOT NULL,
  first_byte bigint NOT NULL,
  content bytea NOT NULL,
  CONSTRAINT import_chunk_pkey PRIMARY KEY (import_id, number)
);
CREATE UNIQUE INDEX import_chunk_pkey ON import_chunk USING btree (import_id, number);
GRANT SELECT, INSERT, UPDATE, DELETE ON import_chunk TO runtime;

CREATE TABLE import_error (
  import_id uuid NOT NULL,
  line bigint NOT NULL,
  kind text NOT NULL,
  record text NOT NULL,
  code smallint NOT NULL,
  failure bytea NOT NULL,
  CONSTRAINT import_error_pkey PRIMARY KEY (import_id, line)
);
CREATE UNIQUE INDEX import_error_pkey ON import_error USING btree (import_id, line);
GRANT SELECT, INSERT, UPDATE, DELETE ON import_error TO runtime;

CREATE TABLE job_group (
  id uuid NOT NULL,
  client_id text NOT NULL,
  parts text[] NOT NULL,
  create_time timestamp with time zone NOT NULL,
  CONSTRAINT job_group_pkey PRIMARY KEY (id)
);
CREATE INDEX job_group_by_create_time ON job_group USING btree (create_time);
CREATE UNIQUE INDEX job_group_pkey ON job_group USING btree (id);
GRANT SELECT, INSERT, UPDATE, DELETE ON job_group TO runtime;

CREATE TABLE purge_place (
  bucket smallint NOT NULL,
  history_pos bigint NOT NULL DEFAULT 0,
  CONSTRAINT purge_place_pkey PRIMARY KEY (bucket)
);
CREATE UNIQUE INDEX purge_place_pkey ON purge_place USING btree (bucket);
GRANT SELECT, INSERT, UPDATE, DELETE ON purge_place TO runtime;

CREATE TABLE redirect (
  kind text NOT NULL,
  old_id uuid NOT NULL,
  new_id uuid NOT NULL,
  time timestamp with time zone NOT NULL,
  CONSTRAINT redirect_pkey PRIMARY KEY (kind, old_id)
);
CREATE INDEX redirect_new ON redirect USING btree (kind, new_id);
CREATE UNIQUE INDEX redirect_pkey ON redirect USING btree (kind, old_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON redirect TO runtime;

CREATE TABLE registry_alliance (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  replaced_by uuid,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL,
  CONSTRAINT registry_alliance_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX registry_alliance_pkey ON registry_alliance USING btree (id);
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_alliance TO runtime;

CREATE TABLE registry_consumer_cursor (
  consumer text NOT NULL,
  kinds text[] NOT NULL,
  jurisdiction_ids uuid[] NOT NULL,
  cursor text NOT NULL DEFAULT ''::text,
  epochs text NOT NULL DEFAULT ''::text,
  step bigint NOT NULL DEFAULT 0,
  snapshot_step bigint NOT NULL DEFAULT 0,
  snapshot_cursor text NOT NULL DEFAULT ''::text,
  snapshot_estimate bigint NOT NULL DEFAULT 0,
  caught_up_step bigint NOT NULL DEFAULT 0,
  caught_up_time timestamp with time zone,
  CONSTRAINT registry_consumer_cursor_pkey PRIMARY KEY (consumer)
);
CREATE UNIQUE INDEX registry_consumer_cursor_pkey ON registry_consumer_cursor USING btree (consumer);
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_consumer_cursor TO runtime;

CREATE TABLE registry_consumer_partition (
  consumer text NOT NULL,
  number integer NOT NULL,
  token text NOT NULL,
  done boolean NOT NULL DEFAULT false,
  record_count bigint NOT NULL DEFAULT 0,
  CONSTRAINT registry_consumer_partition_consumer_fkey FOREIGN KEY (consumer) REFERENCES registry_consumer_cursor(consumer) ON DELETE CASCADE,
  CONSTRAINT registry_consumer_partition_pkey PRIMARY KEY (consumer, number)
);
CREATE UNIQUE INDEX registry_consumer_partition_pkey ON registry_consumer_partition USING btree (consumer, number);
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_consumer_partition TO runtime;

CREATE TABLE registry_consumer_replaced_bucket (
  consumer text NOT NULL,
  service text NOT NULL,
  bucket smallint NOT NULL,
  CONSTRAINT registry_consumer_replaced_bucket_consumer_fkey FOREIGN KEY (consumer) REFERENCES registry_consumer_cursor(consumer) ON DELETE CASCADE,
  CONSTRAINT registry_consumer_replaced_bucket_pkey PRIMARY KEY (consumer, service, bucket)
);
CREATE UNIQUE INDEX registry_consumer_replaced_bucket_pkey ON registry_consumer_replaced_bucket USING btree (consumer, service, bucket);
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_consumer_replaced_bucket TO runtime;

CREATE TABLE registry_consumer_tombstone (
  consumer text NOT NULL,
  kind text NOT NULL,
  id uuid NOT NULL,
  revision bigint NOT NULL,
  service text NOT NULL,
  bucket smallint NOT NULL,
  step bigint NOT NULL,
  CONSTRAINT registry_consumer_tombstone_consumer_fkey FOREIGN KEY (consumer) REFERENCES registry_consumer_cursor(consumer) ON DELETE CASCADE,
  CONSTRAINT registry_consumer_tombstone_pkey PRIMARY KEY (consumer, kind, id)
);
CREATE UNIQUE INDEX registry_consumer_tombstone_pkey ON registry_consumer_tombstone USING btree (consumer, kind, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_consumer_tombstone TO runtime;

CREATE TABLE registry_jurisdiction (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  replaced_by uuid,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL,
  CONSTRAINT registry_jurisdiction_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX registry_jurisdiction_pkey ON registry_jurisdiction USING btree (id);
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_jurisdiction TO runtime;

CREATE TABLE registry_organisation (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  replaced_by uuid,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL,
  CONSTRAINT registry_organisation_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX registry_organisation_pkey ON registry_organisation USING btree (id);
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_organisation TO runtime;

CREATE TABLE restamp_job (
  job_id uuid NOT NULL,
  kind text NOT NULL,
  id uuid NOT NULL,
  step integer NOT NULL DEFAULT 0,
  after_id uuid,
  create_time timestamp with time zone NOT NULL,
  root_id uuid,
  lost uuid[] NOT NULL DEFAULT '{}'::uuid[],
  write_lost uuid[] NOT NULL DEFAULT '{}'::uuid[],
  CONSTRAINT restamp_job_pkey PRIMARY KEY (job_id)
);
CREATE INDEX restamp_job_order ON restamp_job USING btree (create_time, job_id);
CREATE UNIQUE INDEX restamp_job_pkey ON restamp_job USING btree (job_id);
CREATE INDEX restamp_job_record ON restamp_job USING btree (kind, id) WHERE (root_id IS NULL);
CREATE INDEX restamp_job_root ON restamp_job USING btree (root_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON restamp_job TO runtime;

CREATE TABLE revision (
  kind text NOT NULL,
  id uuid NOT NULL,
  revision bigint NOT NULL,
  time timestamp with time zone NOT NULL,
  bucket smallint NOT NULL,
  pos bigint NOT NULL,
  state bytea NOT NULL,
  CONSTRAINT revision_pkey PRIMARY KEY (kind, id, revision)
);
CREATE UNIQUE INDEX revision_pkey ON revision USING btree (kind, id, revision);
GRANT SELECT, INSERT, UPDATE, DELETE ON revision TO runtime;

CREATE TABLE schema_migration (
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT schema_migration_pkey PRIMARY KEY (name)
);
CREATE UNIQUE INDEX schema_migration_pkey ON schema_migration USING btree (name);
GRANT  ON schema_migration TO runtime;

CREATE TABLE signing_key (
  key_id text NOT NULL,
  sealed bytea NOT NULL,
  x bytea NOT NULL,
  y bytea NOT NULL,
  active_time timestamp with time zone NOT NULL,
  CONSTRAINT signing_key_pkey PRIMARY KEY (key_id)
);
CREATE UNIQUE INDEX signing_key_pkey ON signing_key USING btree (key_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON signing_key TO runtime;

