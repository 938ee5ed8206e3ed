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
CREATE INDEX access_log_by_time ON access_log USING btree ("time", id);
CREATE UNIQUE INDEX access_log_key ON access_log USING btree (id);
CREATE INDEX access_log_waiting ON access_log USING btree (id) WHERE (forward_time IS NULL);
GRANT SELECT, INSERT ON access_log TO runtime;

CREATE TABLE assignment (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  erase_time timestamp with time zone,
  teacher_id uuid,
  type text NOT NULL DEFAULT 'ASSIGNMENT_TYPE_UNSPECIFIED'::text,
  rotation_kind text NOT NULL DEFAULT 'ROTATION_KIND_UNSPECIFIED'::text,
  from_school_id uuid,
  to_school_id uuid,
  host_role text NOT NULL DEFAULT 'HOST_ROLE_UNSPECIFIED'::text,
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED'::text,
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED'::text,
  state text NOT NULL DEFAULT 'ASSIGNMENT_STATE_UNSPECIFIED'::text,
  planned_from date,
  planned_until date,
  started_on date,
  ended_on date,
  weekly_share_percent integer NOT NULL DEFAULT 0,
  alliance_id uuid,
  quota_id uuid,
  support_team_id uuid,
  backbone boolean,
  master_teacher boolean,
  cadre_rank text NOT NULL DEFAULT 'CADRE_RANK_UNSPECIFIED'::text,
  reserve_cadre boolean,
  direction text NOT NULL DEFAULT 'DIRECTION_UNSPECIFIED'::text,
  from_tier text NOT NULL DEFAULT 'SCHOOL_TIER_UNSPECIFIED'::text,
  to_tier text NOT NULL DEFAULT 'SCHOOL_TIER_UNSPECIFIED'::text,
  approved_on date,
  extension_reason text NOT NULL DEFAULT ''::text,
  assessment text NOT NULL DEFAULT 'ASSIGNMENT_ASSESSMENT_UNSPECIFIED'::text,
  assessment_note text NOT NULL DEFAULT ''::text,
  assessed_on date,
  end_reason text NOT NULL DEFAULT ''::text,
  tasks text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT assignment_pkey PRIMARY KEY (id),
  CONSTRAINT assignment_quota_id_exists FOREIGN KEY (quota_id) REFERENCES quota(id),
  CONSTRAINT assignment_support_team_id_exists FOREIGN KEY (support_team_id) REFERENCES support_team(id),
  CONSTRAINT assignment_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher(id)
);
CREATE INDEX assignment_alliance_id ON assignment USING btree (alliance_id, id);
CREATE INDEX assignment_from_school_id ON assignment USING btree (from_school_id, id);
CREATE UNIQUE INDEX assignment_pkey ON assignment USING btree (id);
CREATE INDEX assignment_planned_from_order ON assignment USING btree (planned_from, id);
CREATE INDEX assignment_quota_id ON assignment USING btree (quota_id, id);
CREATE INDEX assignment_scope ON assignment USING gin (scope);
CREATE INDEX assignment_started_on_order ON assignment USING btree (started_on, id);
CREATE INDEX assignment_support_team_id ON assignment USING btree (support_team_id, id);
CREATE INDEX assignment_teacher_id ON assignment USING btree (teacher_id, id);
CREATE INDEX assignment_to_school_id ON assignment USING btree (to_school_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON assignment TO runtime;

CREATE TABLE assignment_proposal (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  title text NOT NULL DEFAULT ''::text,
  jurisdiction_id uuid,
  school_year_id uuid,
  type text NOT NULL DEFAULT 'ASSIGNMENT_TYPE_UNSPECIFIED'::text,
  rotation_kind text NOT NULL DEFAULT 'ROTATION_KIND_UNSPECIFIED'::text,
  planned_from date,
  planned_until date,
  weekly_share_percent integer NOT NULL DEFAULT 0,
  limits jsonb,
  state text NOT NULL DEFAULT 'PROPOSAL_STATE_UNSPECIFIED'::text,
  lines jsonb NOT NULL DEFAULT '[]'::jsonb,
  quota_results jsonb NOT NULL DEFAULT '[]'::jsonb,
  refusals jsonb NOT NULL DEFAULT '[]'::jsonb,
  teacher_count integer NOT NULL DEFAULT 0,
  vacancy_count integer NOT NULL DEFAULT 0,
  missing_count integer NOT NULL DEFAULT 0,
  move_count integer NOT NULL DEFAULT 0,
  backbone_move_count integer NOT NULL DEFAULT 0,
  fillable_count integer NOT NULL DEFAULT 0,
  decided_on date,
  reject_reason text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT assignment_proposal_pkey PRIMARY KEY (id)
);
CREATE INDEX assignment_proposal_jurisdiction_id ON assignment_proposal USING btree (jurisdiction_id, id);
CREATE UNIQUE INDEX assignment_proposal_pkey ON assignment_proposal USING btree (id);
CREATE INDEX assignment_proposal_planned_from_order ON assignment_proposal USING btree (planned_from, id);
CREATE INDEX assignment_proposal_school_year_id ON assignment_proposal USING btree (school_year_id, id);
CREATE INDEX assignment_proposal_scope ON assignment_proposal USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON assignment_proposal TO runtime;

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

CREATE TABLE ethics_result (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  erase_time timestamp with time zone,
  teacher_id uuid,
  year integer NOT NULL DEFAULT 0,
  outcome text NOT NULL DEFAULT 'ETHICS_OUTCOME_UNSPECIFIED'::text,
  document_number text NOT NULL DEFAULT ''::text,
  jurisdiction_id uuid,
  decided_on date,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT ethics_result_pkey PRIMARY KEY (id),
  CONSTRAINT ethics_result_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher(id)
);
CREATE INDEX ethics_result_jurisdiction_id ON ethics_result USING btree (jurisdiction_id, id);
CREATE UNIQUE INDEX ethics_result_pkey ON ethics_result USING btree (id);
CREATE INDEX ethics_result_scope ON ethics_result USING gin (scope);
CREATE INDEX ethics_result_teacher_id ON ethics_result USING btree (teacher_id, id);
CREATE UNIQUE INDEX ethics_result_year_unique ON ethics_result USING btree (teacher_id, year) WHERE (delete_time IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON ethics_result TO runtime;

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

CREATE TABLE growth_event (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  erase_time timestamp with time zone,
  growth_record_id uuid,
  kind text NOT NULL DEFAULT 'GROWTH_EVENT_KIND_UNSPECIFIED'::text,
  happened_on date,
  level text NOT NULL DEFAULT 'DEVELOPMENT_LEVEL_UNSPECIFIED'::text,
  title text NOT NULL DEFAULT ''::text,
  description text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT growth_event_growth_record_id_exists FOREIGN KEY (growth_record_id) REFERENCES growth_record(id),
  CONSTRAINT growth_event_pkey PRIMARY KEY (id)
);
CREATE INDEX growth_event_growth_record_id ON growth_event USING btree (growth_record_id, id);
CREATE INDEX growth_event_happened_on_order ON growth_event USING btree (happened_on, id);
CREATE UNIQUE INDEX growth_event_pkey ON growth_event USING btree (id);
CREATE INDEX growth_event_scope ON growth_event USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON growth_event TO runtime;

CREATE TABLE growth_record (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  erase_time timestamp with time zone,
  teacher_id uuid,
  school_year_id uuid,
  school_id uuid,
  plan text NOT NULL DEFAULT 'GROWTH_PLAN_UNSPECIFIED'::text,
  goals text NOT NULL DEFAULT ''::text,
  yearly_note text NOT NULL DEFAULT ''::text,
  state text NOT NULL DEFAULT 'GROWTH_RECORD_STATE_UNSPECIFIED'::text,
  closed_on date,
  reopen_reason text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT growth_record_pkey PRIMARY KEY (id),
  CONSTRAINT growth_record_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher(id)
);
CREATE UNIQUE INDEX growth_record_once ON growth_record USING btree (teacher_id, school_year_id) WHERE (delete_time IS NULL);
CREATE UNIQUE INDEX growth_record_pkey ON growth_record USING btree (id);
CREATE INDEX growth_record_school_id ON growth_record USING btree (school_id, id);
CREATE INDEX growth_record_school_year_id ON growth_record USING btree (school_year_id, id);
CREATE INDEX growth_record_scope ON growth_record USING gin (scope);
CREATE INDEX growth_record_teacher_id ON growth_record USING btree (teacher_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON growth_record TO runtime;

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

CREATE TABLE mentor_apprentice (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  erase_time timestamp with time zone,
  mentor_pair_id uuid,
  teacher_id uuid,
  joined_on date,
  left_on date,
  leave_reason text NOT NULL DEFAULT ''::text,
  goals text NOT NULL DEFAULT ''::text,
  result text NOT NULL DEFAULT 'MENTORING_RESULT_UNSPECIFIED'::text,
  result_note text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT mentor_apprentice_mentor_pair_id_exists FOREIGN KEY (mentor_pair_id) REFERENCES mentor_pair(id),
  CONSTRAINT mentor_apprentice_pkey PRIMARY KEY (id),
  CONSTRAINT mentor_apprentice_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher(id)
);
CREATE INDEX mentor_apprentice_mentor_pair_id ON mentor_apprentice USING btree (mentor_pair_id, id);
CREATE UNIQUE INDEX mentor_apprentice_once ON mentor_apprentice USING btree (mentor_pair_id, teacher_id) WHERE (delete_time IS NULL);
CREATE UNIQUE INDEX mentor_apprentice_pkey ON mentor_apprentice USING btree (id);
CREATE INDEX mentor_apprentice_scope ON mentor_apprentice USING gin (scope);
CREATE INDEX mentor_apprentice_teacher_id ON mentor_apprentice USING btree (teacher_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON mentor_apprentice TO runtime;

CREATE TABLE mentor_log_entry (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  erase_time timestamp with time zone,
  mentor_pair_id uuid,
  mentor_apprentice_id uuid,
  happened_on date,
  work text NOT NULL DEFAULT 'MENTORING_WORK_UNSPECIFIED'::text,
  written_by text NOT NULL DEFAULT 'MENTOR_LOG_AUTHOR_UNSPECIFIED'::text,
  lesson_count bigint,
  content text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT mentor_log_entry_mentor_apprentice_id_exists FOREIGN KEY (mentor_apprentice_id) REFERENCES mentor_apprentice(id),
  CONSTRAINT mentor_log_entry_mentor_pair_id_exists FOREIGN KEY (mentor_pair_id) REFERENCES mentor_pair(id),
  CONSTRAINT mentor_log_entry_pkey PRIMARY KEY (id)
);
CREATE INDEX mentor_log_entry_happened_on_order ON mentor_log_entry USING btree (happened_on, id);
CREATE INDEX mentor_log_entry_mentor_apprentice_id ON mentor_log_entry USING btree (mentor_apprentice_id, id);
CREATE INDEX mentor_log_entry_mentor_pair_id ON mentor_log_entry USING btree (mentor_pair_id, id);
CREATE UNIQUE INDEX mentor_log_entry_pkey ON mentor_log_entry USING btree (id);
CREATE INDEX mentor_log_entry_scope ON mentor_log_entry USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON mentor_log_entry TO runtime;

CREATE TABLE mentor_pair (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  erase_time timestamp with time zone,
  mentor_id uuid,
  mentor_school_id uuid,
  apprentice_school_id uuid,
  alliance_id uuid,
  cycle_id uuid,
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED'::text,
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED'::text,
  goals text NOT NULL DEFAULT ''::text,
  state text NOT NULL DEFAULT 'MENTOR_PAIR_STATE_UNSPECIFIED'::text,
  proposed_on date,
  signed_on date,
  started_on date,
  planned_until date,
  assessed_on date,
  ended_on date,
  result text NOT NULL DEFAULT 'MENTORING_RESULT_UNSPECIFIED'::text,
  end_reason text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT mentor_pair_mentor_id_exists FOREIGN KEY (mentor_id) REFERENCES teacher(id),
  CONSTRAINT mentor_pair_pkey PRIMARY KEY (id)
);
CREATE INDEX mentor_pair_alliance_id ON mentor_pair USING btree (alliance_id, id);
CREATE INDEX mentor_pair_apprentice_school_id ON mentor_pair USING btree (apprentice_school_id, id);
CREATE INDEX mentor_pair_cycle_id ON mentor_pair USING btree (cycle_id, id);
CREATE INDEX mentor_pair_mentor_id ON mentor_pair USING btree (mentor_id, id);
CREATE INDEX mentor_pair_mentor_school_id ON mentor_pair USING btree (mentor_school_id, id);
CREATE UNIQUE INDEX mentor_pair_pkey ON mentor_pair USING btree (id);
CREATE INDEX mentor_pair_scope ON mentor_pair USING gin (scope);
CREATE INDEX mentor_pair_started_on_order ON mentor_pair USING btree (started_on, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON mentor_pair TO runtime;

CREATE TABLE purge_place (
  bucket smallint NOT NULL,
  history_pos bigint NOT NULL DEFAULT 0,
  CONSTRAINT purge_place_pkey PRIMARY KEY (bucket)
);
CREATE UNIQUE INDEX purge_place_pkey ON purge_place USING btree (bucket);
GRANT SELECT, INSERT, UPDATE, DELETE ON purge_place TO runtime;

CREATE TABLE quota (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  title text NOT NULL DEFAULT ''::text,
  issuer_jurisdiction_id uuid,
  alliance_id uuid,
  side text NOT NULL DEFAULT 'QUOTA_SIDE_UNSPECIFIED'::text,
  jurisdiction_id uuid,
  school_year_id uuid,
  type text NOT NULL DEFAULT 'ASSIGNMENT_TYPE_UNSPECIFIED'::text,
  planned_count integer NOT NULL DEFAULT 0,
  due_on date,
  opened_on date,
  filled_count integer NOT NULL DEFAULT 0,
  counted_on date,
  state text NOT NULL DEFAULT 'QUOTA_STATE_UNSPECIFIED'::text,
  description text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT quota_pkey PRIMARY KEY (id)
);
CREATE INDEX quota_alliance_id ON quota USING btree (alliance_id, id);
CREATE INDEX quota_due_on_order ON quota USING btree (due_on, id);
CREATE INDEX quota_issuer_jurisdiction_id ON quota USING btree (issuer_jurisdiction_id, id);
CREATE INDEX quota_jurisdiction_id ON quota USING btree (jurisdiction_id, id);
CREATE UNIQUE INDEX quota_pkey ON quota USING btree (id);
CREATE INDEX quota_school_year_id ON quota USING btree (school_year_id, id);
CREATE INDEX quota_scope ON quota USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON quota TO runtime;

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
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  name text NOT NULL DEFAULT ''::text,
  type text NOT NULL DEFAULT 'ALLIANCE_TYPE_UNSPECIFIED'::text,
  jurisdiction_id uuid,
  state text NOT NULL DEFAULT 'ALLIANCE_STATE_UNSPECIFIED'::text,
  replaced_by uuid,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL,
  CONSTRAINT registry_alliance_pkey PRIMARY KEY (id)
);
CREATE INDEX registry_alliance_external_ids ON registry_alliance USING gin (external_ids jsonb_path_ops);
CREATE UNIQUE INDEX registry_alliance_pkey ON registry_alliance USING btree (id);
CREATE INDEX registry_alliance_replaced_by ON registry_alliance USING btree (replaced_by, id);
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

CREATE TABLE registry_cycle (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  jurisdiction_id uuid,
  alliance_id uuid,
  number integer NOT NULL DEFAULT 0,
  starts_on date,
  ends_on date,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL,
  CONSTRAINT registry_cycle_pkey PRIMARY KEY (id)
);
CREATE INDEX registry_cycle_external_ids ON registry_cycle USING gin (external_ids jsonb_path_ops);
CREATE UNIQUE INDEX registry_cycle_pkey ON registry_cycle USING btree (id);
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_cycle TO runtime;

CREATE TABLE registry_fact_submission (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  jurisdiction_id uuid,
  school_year_id uuid,
  restatement integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'FACT_SUBMISSION_STATE_UNSPECIFIED'::text,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL,
  CONSTRAINT registry_fact_submission_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX registry_fact_submission_pkey ON registry_fact_submission USING btree (id);
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_fact_submission TO runtime;

CREATE TABLE registry_jurisdiction (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  kind text NOT NULL DEFAULT 'JURISDICTION_KIND_UNSPECIFIED'::text,
  level text NOT NULL DEFAULT 'JURISDICTION_LEVEL_UNSPECIFIED'::text,
  parent_id uuid,
  name text NOT NULL DEFAULT ''::text,
  replaced_by uuid,
  central_urban jsonb NOT NULL DEFAULT '[]'::jsonb,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL,
  CONSTRAINT registry_jurisdiction_pkey PRIMARY KEY (id)
);
CREATE INDEX registry_jurisdiction_external_ids ON registry_jurisdiction USING gin (external_ids jsonb_path_ops);
CREATE UNIQUE INDEX registry_jurisdiction_pkey ON registry_jurisdiction USING btree (id);
CREATE INDEX registry_jurisdiction_replaced_by ON registry_jurisdiction USING btree (replaced_by, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_jurisdiction TO runtime;

CREATE TABLE registry_membership (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  alliance_id uuid,
  organisation_id uuid,
  jurisdiction_id uuid,
  role text NOT NULL DEFAULT 'MEMBERSHIP_ROLE_UNSPECIFIED'::text,
  side text NOT NULL DEFAULT 'MEMBERSHIP_SIDE_UNSPECIFIED'::text,
  state text NOT NULL DEFAULT 'MEMBERSHIP_STATE_UNSPECIFIED'::text,
  joined_on date,
  left_on date,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL,
  CONSTRAINT registry_membership_pkey PRIMARY KEY (id)
);
CREATE INDEX registry_membership_alliance_id ON registry_membership USING btree (alliance_id, id);
CREATE INDEX registry_membership_jurisdiction_id ON registry_membership USING btree (jurisdiction_id, id);
CREATE INDEX registry_membership_organisation_id ON registry_membership USING btree (organisation_id, id);
CREATE UNIQUE INDEX registry_membership_pkey ON registry_membership USING btree (id);
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_membership TO runtime;

CREATE TABLE registry_organisation (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  kind text NOT NULL DEFAULT 'ORGANISATION_KIND_UNSPECIFIED'::text,
  name text NOT NULL DEFAULT ''::text,
  short_name text NOT NULL DEFAULT ''::text,
  jurisdiction_id uuid,
  parent_organisation_id uuid,
  status text NOT NULL DEFAULT 'ORGANISATION_STATUS_UNSPECIFIED'::text,
  school_type text NOT NULL DEFAULT 'SCHOOL_TYPE_UNSPECIFIED'::text,
  stages text[] NOT NULL DEFAULT '{}'::text[],
  affiliation text NOT NULL DEFAULT 'AFFILIATION_UNSPECIFIED'::text,
  urban_rural_class text NOT NULL DEFAULT 'URBAN_RURAL_CLASS_UNSPECIFIED'::text,
  quality_tier jsonb NOT NULL DEFAULT '[]'::jsonb,
  longitude double precision,
  latitude double precision,
  replaced_by uuid,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL,
  CONSTRAINT registry_organisation_pkey PRIMARY KEY (id)
);
CREATE INDEX registry_organisation_external_ids ON registry_organisation USING gin (external_ids jsonb_path_ops);
CREATE UNIQUE INDEX registry_organisation_pkey ON registry_organisation USING btree (id);
CREATE INDEX registry_organisation_replaced_by ON registry_organisation USING btree (replaced_by, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_organisation TO runtime;

CREATE TABLE registry_school_year (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  key text NOT NULL DEFAULT ''::text,
  starts_on date,
  ends_on date,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL,
  CONSTRAINT registry_school_year_pkey PRIMARY KEY (id)
);
CREATE INDEX registry_school_year_external_ids ON registry_school_year USING gin (external_ids jsonb_path_ops);
CREATE UNIQUE INDEX registry_school_year_pkey ON registry_school_year USING btree (id);
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_school_year TO runtime;

CREATE TABLE registry_school_year_facts (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  submission_id uuid,
  organisation_id uuid,
  school_year_id uuid,
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED'::text,
  full_time_teachers bigint,
  backbone_teachers bigint,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL,
  CONSTRAINT registry_school_year_facts_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX registry_school_year_facts_pkey ON registry_school_year_facts USING btree (id);
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_school_year_facts TO runtime;

CREATE TABLE registry_term (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  key text NOT NULL DEFAULT ''::text,
  starts_on date,
  ends_on date,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL,
  CONSTRAINT registry_term_pkey PRIMARY KEY (id)
);
CREATE INDEX registry_term_external_ids ON registry_term USING gin (external_ids jsonb_path_ops);
CREATE UNIQUE INDEX registry_term_pkey ON registry_term USING btree (id);
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_term TO runtime;

CREATE TABLE research_community (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  name text NOT NULL DEFAULT ''::text,
  kind text NOT NULL DEFAULT 'RESEARCH_COMMUNITY_KIND_UNSPECIFIED'::text,
  jurisdiction_id uuid,
  host_organisation_id uuid,
  league_id uuid,
  subjects text[] NOT NULL DEFAULT '{}'::text[],
  stages text[] NOT NULL DEFAULT '{}'::text[],
  functions text[] NOT NULL DEFAULT '{}'::text[],
  mode text NOT NULL DEFAULT 'PARTICIPATION_MODE_UNSPECIFIED'::text,
  platform_url text NOT NULL DEFAULT ''::text,
  state text NOT NULL DEFAULT 'GROUP_STATE_UNSPECIFIED'::text,
  founded_on date,
  ended_on date,
  end_reason text NOT NULL DEFAULT ''::text,
  description text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT research_community_league_id_exists FOREIGN KEY (league_id) REFERENCES research_community(id),
  CONSTRAINT research_community_pkey PRIMARY KEY (id)
);
CREATE INDEX research_community_founded_on_order ON research_community USING btree (founded_on, id);
CREATE INDEX research_community_host_organisation_id ON research_community USING btree (host_organisation_id, id);
CREATE INDEX research_community_jurisdiction_id ON research_community USING btree (jurisdiction_id, id);
CREATE INDEX research_community_league_id ON research_community USING btree (league_id, id);
CREATE INDEX research_community_name_order ON research_community USING btree (name COLLATE "C", id);
CREATE UNIQUE INDEX research_community_pkey ON research_community USING btree (id);
CREATE INDEX research_community_scope ON research_community USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON research_community TO runtime;

CREATE TABLE research_community_member (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  erase_time timestamp with time zone,
  research_community_id uuid,
  teacher_id uuid,
  role text NOT NULL DEFAULT 'COMMUNITY_ROLE_UNSPECIFIED'::text,
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED'::text,
  state text NOT NULL DEFAULT 'GROUP_MEMBER_STATE_UNSPECIFIED'::text,
  joined_on date,
  left_on date,
  leave_reason text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT research_community_member_pkey PRIMARY KEY (id),
  CONSTRAINT research_community_member_research_community_id_exists FOREIGN KEY (research_community_id) REFERENCES research_community(id),
  CONSTRAINT research_community_member_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher(id)
);
CREATE UNIQUE INDEX research_community_member_pkey ON research_community_member USING btree (id);
CREATE INDEX research_community_member_research_community_id ON research_community_member USING btree (research_community_id, id);
CREATE INDEX research_community_member_scope ON research_community_member USING gin (scope);
CREATE INDEX research_community_member_teacher_id ON research_community_member USING btree (teacher_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON research_community_member TO runtime;

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

CREATE TABLE rotation_eligibility (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  school_id uuid,
  school_year_id uuid,
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED'::text,
  eligible_count integer NOT NULL DEFAULT 0,
  eligible_backbone_count integer NOT NULL DEFAULT 0,
  condition text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT rotation_eligibility_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX rotation_eligibility_key_unique ON rotation_eligibility USING btree (school_id, school_year_id, stage) WHERE (delete_time IS NULL);
CREATE UNIQUE INDEX rotation_eligibility_pkey ON rotation_eligibility USING btree (id);
CREATE INDEX rotation_eligibility_school_id ON rotation_eligibility USING btree (school_id, id);
CREATE INDEX rotation_eligibility_school_year_id ON rotation_eligibility USING btree (school_year_id, id);
CREATE INDEX rotation_eligibility_scope ON rotation_eligibility USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON rotation_eligibility TO runtime;

CREATE TABLE schema_migration (
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT schema_migration_pkey PRIMARY KEY (name)
);
CREATE UNIQUE INDEX schema_migration_pkey ON schema_migration USING btree (name);
GRANT  ON schema_migration TO runtime;

CREATE TABLE studio (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  name text NOT NULL DEFAULT ''::text,
  kind text NOT NULL DEFAULT 'STUDIO_KIND_UNSPECIFIED'::text,
  host_organisation_id uuid,
  alliance_id uuid,
  level text NOT NULL DEFAULT 'DEVELOPMENT_LEVEL_UNSPECIFIED'::text,
  subjects text[] NOT NULL DEFAULT '{}'::text[],
  stages text[] NOT NULL DEFAULT '{}'::text[],
  mode text NOT NULL DEFAULT 'PARTICIPATION_MODE_UNSPECIFIED'::text,
  platform_url text NOT NULL DEFAULT ''::text,
  state text NOT NULL DEFAULT 'GROUP_STATE_UNSPECIFIED'::text,
  founded_on date,
  ended_on date,
  end_reason text NOT NULL DEFAULT ''::text,
  description text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT studio_pkey PRIMARY KEY (id)
);
CREATE INDEX studio_alliance_id ON studio USING btree (alliance_id, id);
CREATE INDEX studio_founded_on_order ON studio USING btree (founded_on, id);
CREATE INDEX studio_host_organisation_id ON studio USING btree (host_organisation_id, id);
CREATE INDEX studio_name_order ON studio USING btree (name COLLATE "C", id);
CREATE UNIQUE INDEX studio_pkey ON studio USING btree (id);
CREATE INDEX studio_scope ON studio USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON studio TO runtime;

CREATE TABLE studio_campus (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  studio_id uuid,
  organisation_id uuid,
  covered_from date,
  covered_to date,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT studio_campus_pkey PRIMARY KEY (id),
  CONSTRAINT studio_campus_studio_id_exists FOREIGN KEY (studio_id) REFERENCES studio(id)
);
CREATE INDEX studio_campus_organisation_id ON studio_campus USING btree (organisation_id, id);
CREATE UNIQUE INDEX studio_campus_pkey ON studio_campus USING btree (id);
CREATE INDEX studio_campus_scope ON studio_campus USING gin (scope);
CREATE INDEX studio_campus_studio_id ON studio_campus USING btree (studio_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON studio_campus TO runtime;

CREATE TABLE studio_member (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  erase_time timestamp with time zone,
  studio_id uuid,
  teacher_id uuid,
  role text NOT NULL DEFAULT 'STUDIO_ROLE_UNSPECIFIED'::text,
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED'::text,
  state text NOT NULL DEFAULT 'GROUP_MEMBER_STATE_UNSPECIFIED'::text,
  joined_on date,
  left_on date,
  leave_reason text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT studio_member_pkey PRIMARY KEY (id),
  CONSTRAINT studio_member_studio_id_exists FOREIGN KEY (studio_id) REFERENCES studio(id),
  CONSTRAINT studio_member_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher(id)
);
CREATE UNIQUE INDEX studio_member_pkey ON studio_member USING btree (id);
CREATE INDEX studio_member_scope ON studio_member USING gin (scope);
CREATE INDEX studio_member_studio_id ON studio_member USING btree (studio_id, id);
CREATE INDEX studio_member_teacher_id ON studio_member USING btree (teacher_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON studio_member TO runtime;

CREATE TABLE studio_session (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  studio_id uuid,
  title text NOT NULL DEFAULT ''::text,
  held_on date,
  ended_on date,
  mode text NOT NULL DEFAULT 'PARTICIPATION_MODE_UNSPECIFIED'::text,
  session_count bigint,
  lesson_count bigint,
  distinct_person_count bigint,
  distinct_person_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED'::text,
  person_time_count bigint,
  person_time_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED'::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT studio_session_pkey PRIMARY KEY (id),
  CONSTRAINT studio_session_studio_id_exists FOREIGN KEY (studio_id) REFERENCES studio(id)
);
CREATE INDEX studio_session_held_on_order ON studio_session USING btree (held_on, id);
CREATE UNIQUE INDEX studio_session_pkey ON studio_session USING btree (id);
CREATE INDEX studio_session_scope ON studio_session USING gin (scope);
CREATE INDEX studio_session_studio_id ON studio_session USING btree (studio_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON studio_session TO runtime;

CREATE TABLE support_team (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  title text NOT NULL DEFAULT ''::text,
  leader_teacher_id uuid,
  sending_organisation_id uuid,
  host_school_id uuid,
  alliance_id uuid,
  state text NOT NULL DEFAULT 'ASSIGNMENT_STATE_UNSPECIFIED'::text,
  planned_from date,
  planned_until date,
  started_on date,
  ended_on date,
  tasks text NOT NULL DEFAULT ''::text,
  outcome text NOT NULL DEFAULT ''::text,
  assessment text NOT NULL DEFAULT 'ASSIGNMENT_ASSESSMENT_UNSPECIFIED'::text,
  approved_on date,
  extension_reason text NOT NULL DEFAULT ''::text,
  assessed_on date,
  end_reason text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT support_team_leader_teacher_id_exists FOREIGN KEY (leader_teacher_id) REFERENCES teacher(id),
  CONSTRAINT support_team_pkey PRIMARY KEY (id)
);
CREATE INDEX support_team_alliance_id ON support_team USING btree (alliance_id, id);
CREATE INDEX support_team_host_school_id ON support_team USING btree (host_school_id, id);
CREATE INDEX support_team_leader_teacher_id ON support_team USING btree (leader_teacher_id, id);
CREATE UNIQUE INDEX support_team_pkey ON support_team USING btree (id);
CREATE INDEX support_team_scope ON support_team USING gin (scope);
CREATE INDEX support_team_sending_organisation_id ON support_team USING btree (sending_organisation_id, id);
CREATE INDEX support_team_started_on_order ON support_team USING btree (started_on, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON support_team TO runtime;

CREATE TABLE talent_cohort (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  talent_programme_id uuid,
  batch_number integer NOT NULL DEFAULT 0,
  target_group text NOT NULL DEFAULT 'TALENT_GROUP_UNSPECIFIED'::text,
  started_on date,
  ended_on date,
  distinct_person_count bigint,
  distinct_person_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED'::text,
  quota_count bigint,
  rural_quota_count bigint,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT talent_cohort_pkey PRIMARY KEY (id),
  CONSTRAINT talent_cohort_talent_programme_id_exists FOREIGN KEY (talent_programme_id) REFERENCES talent_programme(id)
);
CREATE UNIQUE INDEX talent_cohort_once ON talent_cohort USING btree (talent_programme_id, batch_number, target_group) WHERE (delete_time IS NULL);
CREATE UNIQUE INDEX talent_cohort_pkey ON talent_cohort USING btree (id);
CREATE INDEX talent_cohort_scope ON talent_cohort USING gin (scope);
CREATE INDEX talent_cohort_talent_programme_id ON talent_cohort USING btree (talent_programme_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON talent_cohort TO runtime;

CREATE TABLE talent_member (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  erase_time timestamp with time zone,
  talent_programme_id uuid,
  talent_cohort_id uuid,
  teacher_id uuid,
  target_group text NOT NULL DEFAULT 'TALENT_GROUP_UNSPECIFIED'::text,
  state text NOT NULL DEFAULT 'GROUP_MEMBER_STATE_UNSPECIFIED'::text,
  joined_on date,
  left_on date,
  outcome text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT talent_member_pkey PRIMARY KEY (id),
  CONSTRAINT talent_member_talent_cohort_id_exists FOREIGN KEY (talent_cohort_id) REFERENCES talent_cohort(id),
  CONSTRAINT talent_member_talent_programme_id_exists FOREIGN KEY (talent_programme_id) REFERENCES talent_programme(id),
  CONSTRAINT talent_member_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher(id)
);
CREATE UNIQUE INDEX talent_member_once ON talent_member USING btree (talent_cohort_id, teacher_id) WHERE (delete_time IS NULL);
CREATE UNIQUE INDEX talent_member_pkey ON talent_member USING btree (id);
CREATE INDEX talent_member_scope ON talent_member USING gin (scope);
CREATE INDEX talent_member_talent_cohort_id ON talent_member USING btree (talent_cohort_id, id);
CREATE INDEX talent_member_talent_programme_id ON talent_member USING btree (talent_programme_id, id);
CREATE INDEX talent_member_teacher_id ON talent_member USING btree (teacher_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON talent_member TO runtime;

CREATE TABLE talent_programme (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  name text NOT NULL DEFAULT ''::text,
  kind text NOT NULL DEFAULT 'TALENT_PROGRAMME_KIND_UNSPECIFIED'::text,
  jurisdiction_id uuid,
  host_organisation_id uuid,
  parent_programme_id uuid,
  level text NOT NULL DEFAULT 'DEVELOPMENT_LEVEL_UNSPECIFIED'::text,
  state text NOT NULL DEFAULT 'GROUP_STATE_UNSPECIFIED'::text,
  started_on date,
  ended_on date,
  end_reason text NOT NULL DEFAULT ''::text,
  description text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT talent_programme_parent_programme_id_exists FOREIGN KEY (parent_programme_id) REFERENCES talent_programme(id),
  CONSTRAINT talent_programme_pkey PRIMARY KEY (id)
);
CREATE INDEX talent_programme_host_organisation_id ON talent_programme USING btree (host_organisation_id, id);
CREATE INDEX talent_programme_jurisdiction_id ON talent_programme USING btree (jurisdiction_id, id);
CREATE INDEX talent_programme_name_order ON talent_programme USING btree (name COLLATE "C", id);
CREATE INDEX talent_programme_parent_programme_id ON talent_programme USING btree (parent_programme_id, id);
CREATE UNIQUE INDEX talent_programme_pkey ON talent_programme USING btree (id);
CREATE INDEX talent_programme_scope ON talent_programme USING gin (scope);
CREATE INDEX talent_programme_started_on_order ON talent_programme USING btree (started_on, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON talent_programme TO runtime;

CREATE TABLE teacher (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  erase_time timestamp with time zone,
  person_ref text NOT NULL DEFAULT ''::text,
  name text NOT NULL DEFAULT ''::text,
  birth_year integer NOT NULL DEFAULT 0,
  school_id uuid,
  at_school_since date,
  former_schools jsonb NOT NULL DEFAULT '[]'::jsonb,
  stages text[] NOT NULL DEFAULT '{}'::text[],
  subjects text[] NOT NULL DEFAULT '{}'::text[],
  title text NOT NULL DEFAULT 'PROFESSIONAL_TITLE_UNSPECIFIED'::text,
  backbone_level text NOT NULL DEFAULT 'RECOGNITION_LEVEL_UNSPECIFIED'::text,
  backbone_from date,
  backbone_until date,
  master_level text NOT NULL DEFAULT 'RECOGNITION_LEVEL_UNSPECIFIED'::text,
  master_from date,
  master_until date,
  cadre_rank text NOT NULL DEFAULT 'CADRE_RANK_UNSPECIFIED'::text,
  cadre_rank_from date,
  cadre_rank_until date,
  reserve_cadre boolean NOT NULL DEFAULT false,
  reserve_cadre_from date,
  reserve_cadre_until date,
  employment_status text NOT NULL DEFAULT 'EMPLOYMENT_STATUS_UNSPECIFIED'::text,
  employment_status_since date,
  left_on date,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT teacher_pkey PRIMARY KEY (id)
);
CREATE INDEX teacher_at_school_since_order ON teacher USING btree (at_school_since, id);
CREATE INDEX teacher_person_ref ON teacher USING btree (person_ref) WHERE (delete_time IS NULL);
CREATE UNIQUE INDEX teacher_person_ref_unique ON teacher USING btree (person_ref) WHERE ((delete_time IS NULL) AND (person_ref <> ''::text));
CREATE UNIQUE INDEX teacher_pkey ON teacher USING btree (id);
CREATE INDEX teacher_school_id ON teacher USING btree (school_id, id);
CREATE INDEX teacher_scope ON teacher USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON teacher TO runtime;

CREATE TABLE training (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  title text NOT NULL DEFAULT ''::text,
  kind text NOT NULL DEFAULT 'TRAINING_KIND_UNSPECIFIED'::text,
  audience text NOT NULL DEFAULT 'TRAINING_AUDIENCE_UNSPECIFIED'::text,
  topics text[] NOT NULL DEFAULT '{}'::text[],
  host_organisation_id uuid,
  alliance_id uuid,
  jurisdiction_id uuid,
  term_id uuid,
  started_on date,
  ended_on date,
  mode text NOT NULL DEFAULT 'PARTICIPATION_MODE_UNSPECIFIED'::text,
  stages text[] NOT NULL DEFAULT '{}'::text[],
  subjects text[] NOT NULL DEFAULT '{}'::text[],
  training_count bigint,
  session_count bigint,
  day_count double precision,
  lesson_count bigint,
  distinct_person_count bigint,
  distinct_person_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED'::text,
  person_time_count bigint,
  person_time_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED'::text,
  reached_pupil_count bigint,
  reached_pupil_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED'::text,
  state text NOT NULL DEFAULT 'TRAINING_STATE_UNSPECIFIED'::text,
  reported_on date,
  verified_on date,
  reject_reason text NOT NULL DEFAULT ''::text,
  cancel_reason text NOT NULL DEFAULT ''::text,
  description text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT training_pkey PRIMARY KEY (id)
);
CREATE INDEX training_alliance_id ON training USING btree (alliance_id, id);
CREATE INDEX training_host_organisation_id ON training USING btree (host_organisation_id, id);
CREATE INDEX training_jurisdiction_id ON training USING btree (jurisdiction_id, id);
CREATE UNIQUE INDEX training_pkey ON training USING btree (id);
CREATE INDEX training_scope ON training USING gin (scope);
CREATE INDEX training_started_on_order ON training USING btree (started_on, id);
CREATE INDEX training_term_id ON training USING btree (term_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON training TO runtime;

CREATE TABLE training_participant (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  erase_time timestamp with time zone,
  training_id uuid,
  teacher_id uuid,
  attended_day_count double precision,
  class_hour_count double precision,
  result text NOT NULL DEFAULT 'TRAINING_RESULT_UNSPECIFIED'::text,
  certificate_number text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT training_participant_pkey PRIMARY KEY (id),
  CONSTRAINT training_participant_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher(id),
  CONSTRAINT training_participant_training_id_exists FOREIGN KEY (training_id) REFERENCES training(id)
);
CREATE UNIQUE INDEX training_participant_once ON training_participant USING btree (training_id, teacher_id) WHERE (delete_time IS NULL);
CREATE UNIQUE INDEX training_participant_pkey ON training_participant USING btree (id);
CREATE INDEX training_participant_scope ON training_participant USING gin (scope);
CREATE INDEX training_participant_teacher_id ON training_participant USING btree (teacher_id, id);
CREATE INDEX training_participant_training_id ON training_participant USING btree (training_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON training_participant TO runtime;

CREATE TABLE vacancy (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  school_id uuid,
  type text NOT NULL DEFAULT 'ASSIGNMENT_TYPE_UNSPECIFIED'::text,
  host_role text NOT NULL DEFAULT 'HOST_ROLE_UNSPECIFIED'::text,
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED'::text,
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED'::text,
  alliance_id uuid,
  open_from date,
  open_until date,
  backbone_required boolean NOT NULL DEFAULT false,
  cadre_rank_min text NOT NULL DEFAULT 'CADRE_RANK_UNSPECIFIED'::text,
  state text NOT NULL DEFAULT 'VACANCY_STATE_UNSPECIFIED'::text,
  assignment_id uuid,
  filled_on date,
  withdrawn_on date,
  withdraw_reason text NOT NULL DEFAULT ''::text,
  description text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT vacancy_assignment_id_exists FOREIGN KEY (assignment_id) REFERENCES assignment(id),
  CONSTRAINT vacancy_pkey PRIMARY KEY (id)
);
CREATE INDEX vacancy_alliance_id ON vacancy USING btree (alliance_id, id);
CREATE INDEX vacancy_assignment_id ON vacancy USING btree (assignment_id, id);
CREATE UNIQUE INDEX vacancy_assignment_id_unique ON vacancy USING btree (assignment_id) WHERE (delete_time IS NULL);
CREATE INDEX vacancy_open ON vacancy USING btree (type, id) WHERE ((state = 'VACANCY_STATE_OPEN'::text) AND (delete_time IS NULL));
CREATE INDEX vacancy_open_from_order ON vacancy USING btree (open_from, id);
CREATE UNIQUE INDEX vacancy_pkey ON vacancy USING btree (id);
CREATE INDEX vacancy_school_id ON vacancy USING btree (school_id, id);
CREATE INDEX vacancy_scope ON vacancy USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON vacancy TO runtime;

