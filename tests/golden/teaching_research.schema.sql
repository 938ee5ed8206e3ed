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

CREATE TABLE activity_party (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  joint_activity_id uuid,
  organisation_id uuid,
  jurisdiction_id uuid,
  state text NOT NULL DEFAULT 'ACTIVITY_PARTY_STATE_UNSPECIFIED'::text,
  confirmed_on date,
  decline_reason text NOT NULL DEFAULT ''::text,
  withdraw_reason text NOT NULL DEFAULT ''::text,
  distinct_person_count bigint,
  distinct_person_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED'::text,
  person_time_count bigint,
  person_time_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED'::text,
  remark text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT activity_party_joint_activity_id_exists FOREIGN KEY (joint_activity_id) REFERENCES joint_activity(id),
  CONSTRAINT activity_party_pkey PRIMARY KEY (id)
);
CREATE INDEX activity_party_joint_activity_id ON activity_party USING btree (joint_activity_id, id);
CREATE INDEX activity_party_jurisdiction_id ON activity_party USING btree (jurisdiction_id, id);
CREATE UNIQUE INDEX activity_party_jurisdiction_unique ON activity_party USING btree (joint_activity_id, jurisdiction_id) WHERE (delete_time IS NULL);
CREATE INDEX activity_party_organisation_id ON activity_party USING btree (organisation_id, id);
CREATE UNIQUE INDEX activity_party_organisation_unique ON activity_party USING btree (joint_activity_id, organisation_id) WHERE (delete_time IS NULL);
CREATE UNIQUE INDEX activity_party_pkey ON activity_party USING btree (id);
CREATE INDEX activity_party_scope ON activity_party USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON activity_party TO runtime;

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

CREATE TABLE class_placement (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  alliance_id uuid,
  home_organisation_id uuid,
  host_organisation_id uuid,
  school_year text NOT NULL DEFAULT ''::text,
  grade text NOT NULL DEFAULT 'GRADE_UNSPECIFIED'::text,
  class_names text[] NOT NULL DEFAULT '{}'::text[],
  class_count integer NOT NULL DEFAULT 0,
  pupil_count bigint,
  new_class_name text NOT NULL DEFAULT ''::text,
  state text NOT NULL DEFAULT 'CLASS_PLACEMENT_STATE_UNSPECIFIED'::text,
  planned_from date,
  planned_until date,
  agreed_on date,
  starts_on date,
  ends_on date,
  purpose text NOT NULL DEFAULT ''::text,
  decline_reason text NOT NULL DEFAULT ''::text,
  cancel_reason text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT class_placement_pkey PRIMARY KEY (id)
);
CREATE INDEX class_placement_alliance_id ON class_placement USING btree (alliance_id, id);
CREATE UNIQUE INDEX class_placement_class_unique ON class_placement USING btree (home_organisation_id, host_organisation_id, school_year, grade, new_class_name) WHERE ((delete_time IS NULL) AND (school_year <> ''::text) AND (new_class_name <> ''::text));
CREATE INDEX class_placement_home_organisation_id ON class_placement USING btree (home_organisation_id, id);
CREATE INDEX class_placement_host_organisation_id ON class_placement USING btree (host_organisation_id, id);
CREATE UNIQUE INDEX class_placement_pkey ON class_placement USING btree (id);
CREATE INDEX class_placement_scope ON class_placement USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON class_placement TO runtime;

CREATE TABLE daily_stamp (
  kind text NOT NULL,
  done_on date NOT NULL,
  after_id uuid,
  CONSTRAINT daily_stamp_pkey PRIMARY KEY (kind)
);
CREATE UNIQUE INDEX daily_stamp_pkey ON daily_stamp USING btree (kind);
GRANT SELECT, INSERT, UPDATE, DELETE ON daily_stamp TO runtime;

CREATE TABLE diagnosis_finding (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  diagnosis_visit_id uuid,
  number integer NOT NULL DEFAULT 0,
  kind text NOT NULL DEFAULT 'FINDING_KIND_UNSPECIFIED'::text,
  area text NOT NULL DEFAULT 'FINDING_AREA_UNSPECIFIED'::text,
  statement text NOT NULL DEFAULT ''::text,
  advice text NOT NULL DEFAULT ''::text,
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED'::text,
  grade text NOT NULL DEFAULT 'GRADE_UNSPECIFIED'::text,
  suggested_due_on date,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT diagnosis_finding_diagnosis_visit_id_exists FOREIGN KEY (diagnosis_visit_id) REFERENCES diagnosis_visit(id),
  CONSTRAINT diagnosis_finding_pkey PRIMARY KEY (id)
);
CREATE INDEX diagnosis_finding_diagnosis_visit_id ON diagnosis_finding USING btree (diagnosis_visit_id, id);
CREATE UNIQUE INDEX diagnosis_finding_number_unique ON diagnosis_finding USING btree (diagnosis_visit_id, number) WHERE (delete_time IS NULL);
CREATE UNIQUE INDEX diagnosis_finding_pkey ON diagnosis_finding USING btree (id);
CREATE INDEX diagnosis_finding_scope ON diagnosis_finding USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON diagnosis_finding TO runtime;

CREATE TABLE diagnosis_visit (
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
  organisation_id uuid,
  school_id uuid,
  alliance_id uuid,
  kind text NOT NULL DEFAULT 'DIAGNOSIS_VISIT_KIND_UNSPECIFIED'::text,
  leader_id text NOT NULL DEFAULT ''::text,
  member_ids text[] NOT NULL DEFAULT '{}'::text[],
  team_size integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'DIAGNOSIS_VISIT_STATE_UNSPECIFIED'::text,
  planned_on date,
  visited_on date,
  reported_on date,
  acknowledged_on date,
  lessons_seen_count integer NOT NULL DEFAULT 0,
  subjects text[] NOT NULL DEFAULT '{}'::text[],
  grades text[] NOT NULL DEFAULT '{}'::text[],
  summary text NOT NULL DEFAULT ''::text,
  reopen_reason text NOT NULL DEFAULT ''::text,
  cancel_reason text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT diagnosis_visit_pkey PRIMARY KEY (id)
);
CREATE INDEX diagnosis_visit_alliance_id ON diagnosis_visit USING btree (alliance_id, id);
CREATE INDEX diagnosis_visit_organisation_id ON diagnosis_visit USING btree (organisation_id, id);
CREATE UNIQUE INDEX diagnosis_visit_pkey ON diagnosis_visit USING btree (id);
CREATE INDEX diagnosis_visit_school_id ON diagnosis_visit USING btree (school_id, id);
CREATE INDEX diagnosis_visit_scope ON diagnosis_visit USING gin (scope);
CREATE INDEX diagnosis_visit_visited_on_order ON diagnosis_visit USING btree (visited_on, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON diagnosis_visit TO runtime;

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

CREATE TABLE improvement_coefficient (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  unit_kind text NOT NULL DEFAULT 'UNIT_KIND_UNSPECIFIED'::text,
  unit_id uuid,
  origin text NOT NULL DEFAULT 'COEFFICIENT_ORIGIN_UNSPECIFIED'::text,
  improvement_definition_id uuid,
  value double precision,
  term text NOT NULL DEFAULT ''::text,
  baseline_test_id uuid,
  outcome_test_id uuid,
  cells jsonb NOT NULL DEFAULT '[]'::jsonb,
  excluded jsonb NOT NULL DEFAULT '[]'::jsonb,
  computed_on date,
  source text NOT NULL DEFAULT ''::text,
  note text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  school_count integer NOT NULL DEFAULT 0,
  cell_count integer NOT NULL DEFAULT 0,
  excluded_count integer NOT NULL DEFAULT 0,
  CONSTRAINT improvement_coefficient_baseline_test_id_exists FOREIGN KEY (baseline_test_id) REFERENCES unified_test(id),
  CONSTRAINT improvement_coefficient_improvement_definition_id_exists FOREIGN KEY (improvement_definition_id) REFERENCES improvement_definition(id),
  CONSTRAINT improvement_coefficient_outcome_test_id_exists FOREIGN KEY (outcome_test_id) REFERENCES unified_test(id),
  CONSTRAINT improvement_coefficient_pkey PRIMARY KEY (id)
);
CREATE INDEX improvement_coefficient_baseline_test_id ON improvement_coefficient USING btree (baseline_test_id, id);
CREATE INDEX improvement_coefficient_improvement_definition_id ON improvement_coefficient USING btree (improvement_definition_id, id);
CREATE INDEX improvement_coefficient_outcome_test_id ON improvement_coefficient USING btree (outcome_test_id, id);
CREATE UNIQUE INDEX improvement_coefficient_pkey ON improvement_coefficient USING btree (id);
CREATE INDEX improvement_coefficient_scope ON improvement_coefficient USING gin (scope);
CREATE INDEX improvement_coefficient_unit_id ON improvement_coefficient USING btree (unit_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON improvement_coefficient TO runtime;

CREATE TABLE improvement_definition (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  version text NOT NULL DEFAULT ''::text,
  origin text NOT NULL DEFAULT 'DEFINITION_ORIGIN_UNSPECIFIED'::text,
  name text NOT NULL DEFAULT ''::text,
  words text NOT NULL DEFAULT ''::text,
  formula text NOT NULL DEFAULT ''::text,
  source text NOT NULL DEFAULT ''::text,
  value_unit text NOT NULL DEFAULT ''::text,
  valid_from date,
  valid_to date,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT improvement_definition_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX improvement_definition_pkey ON improvement_definition USING btree (id);
CREATE INDEX improvement_definition_scope ON improvement_definition USING gin (scope);
CREATE UNIQUE INDEX improvement_definition_version_unique ON improvement_definition USING btree (version) WHERE ((delete_time IS NULL) AND (version <> ''::text));
GRANT SELECT, INSERT, UPDATE, DELETE ON improvement_definition TO runtime;

CREATE TABLE joint_activity (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  alliance_id uuid,
  category text NOT NULL DEFAULT 'JOINT_ACTIVITY_CATEGORY_UNSPECIFIED'::text,
  type text NOT NULL DEFAULT 'JOINT_ACTIVITY_TYPE_UNSPECIFIED'::text,
  title text NOT NULL DEFAULT ''::text,
  term_id uuid,
  starts_on date,
  ends_on date,
  host_organisation_id uuid,
  host_jurisdiction_id uuid,
  mode text NOT NULL DEFAULT 'JOINT_ACTIVITY_MODE_UNSPECIFIED'::text,
  venue text NOT NULL DEFAULT ''::text,
  stages text[] NOT NULL DEFAULT '{}'::text[],
  grades text[] NOT NULL DEFAULT '{}'::text[],
  subjects text[] NOT NULL DEFAULT '{}'::text[],
  state text NOT NULL DEFAULT 'JOINT_ACTIVITY_STATE_UNSPECIFIED'::text,
  authority_jurisdiction_id uuid,
  reported_on date,
  verified_on date,
  reject_reason text NOT NULL DEFAULT ''::text,
  cancel_reason text NOT NULL DEFAULT ''::text,
  session_count bigint,
  session_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED'::text,
  day_count bigint,
  day_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED'::text,
  lesson_count bigint,
  lesson_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED'::text,
  distinct_person_count bigint,
  distinct_person_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED'::text,
  person_time_count bigint,
  person_time_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED'::text,
  pupil_count bigint,
  pupil_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED'::text,
  description text NOT NULL DEFAULT ''::text,
  outcome text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT joint_activity_pkey PRIMARY KEY (id)
);
CREATE INDEX joint_activity_alliance_id ON joint_activity USING btree (alliance_id, id);
CREATE INDEX joint_activity_authority_jurisdiction_id ON joint_activity USING btree (authority_jurisdiction_id, id);
CREATE INDEX joint_activity_host_jurisdiction_id ON joint_activity USING btree (host_jurisdiction_id, id);
CREATE INDEX joint_activity_host_organisation_id ON joint_activity USING btree (host_organisation_id, id);
CREATE UNIQUE INDEX joint_activity_pkey ON joint_activity USING btree (id);
CREATE INDEX joint_activity_scope ON joint_activity USING gin (scope);
CREATE INDEX joint_activity_starts_on_order ON joint_activity USING btree (starts_on, id);
CREATE INDEX joint_activity_term_id ON joint_activity USING btree (term_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON joint_activity TO runtime;

CREATE TABLE joint_timetable (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  alliance_id uuid,
  term_id uuid,
  title text NOT NULL DEFAULT ''::text,
  state text NOT NULL DEFAULT 'JOINT_TIMETABLE_STATE_UNSPECIFIED'::text,
  published_on date,
  closed_on date,
  description text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT joint_timetable_pkey PRIMARY KEY (id)
);
CREATE INDEX joint_timetable_alliance_id ON joint_timetable USING btree (alliance_id, id);
CREATE UNIQUE INDEX joint_timetable_pkey ON joint_timetable USING btree (id);
CREATE INDEX joint_timetable_scope ON joint_timetable USING gin (scope);
CREATE INDEX joint_timetable_term_id ON joint_timetable USING btree (term_id, id);
CREATE INDEX joint_timetable_title_order ON joint_timetable USING btree (title COLLATE "C", id);
GRANT SELECT, INSERT, UPDATE, DELETE ON joint_timetable TO runtime;

CREATE TABLE plan_deviation (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  synchronous_plan_id uuid,
  organisation_id uuid,
  week integer NOT NULL DEFAULT 0,
  kind text NOT NULL DEFAULT 'PLAN_DEVIATION_KIND_UNSPECIFIED'::text,
  lesson_count integer,
  reason text NOT NULL DEFAULT ''::text,
  adjustment text NOT NULL DEFAULT ''::text,
  noted_on date,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT plan_deviation_pkey PRIMARY KEY (id),
  CONSTRAINT plan_deviation_synchronous_plan_id_exists FOREIGN KEY (synchronous_plan_id) REFERENCES synchronous_plan(id)
);
CREATE INDEX plan_deviation_organisation_id ON plan_deviation USING btree (organisation_id, id);
CREATE UNIQUE INDEX plan_deviation_pkey ON plan_deviation USING btree (id);
CREATE INDEX plan_deviation_scope ON plan_deviation USING gin (scope);
CREATE INDEX plan_deviation_synchronous_plan_id ON plan_deviation USING btree (synchronous_plan_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON plan_deviation TO runtime;

CREATE TABLE practice_model (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  kind text NOT NULL DEFAULT 'PRACTICE_MODEL_KIND_UNSPECIFIED'::text,
  code text NOT NULL DEFAULT ''::text,
  name text NOT NULL DEFAULT ''::text,
  description text NOT NULL DEFAULT ''::text,
  parts jsonb NOT NULL DEFAULT '[]'::jsonb,
  unit_kind text NOT NULL DEFAULT 'UNIT_KIND_UNSPECIFIED'::text,
  unit_id uuid,
  stages text[] NOT NULL DEFAULT '{}'::text[],
  subjects text[] NOT NULL DEFAULT '{}'::text[],
  adopted_on date,
  ended_on date,
  recognitions text[] NOT NULL DEFAULT '{}'::text[],
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT practice_model_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX practice_model_code_unique ON practice_model USING btree (unit_id, kind, code) WHERE ((delete_time IS NULL) AND (code <> ''::text));
CREATE UNIQUE INDEX practice_model_pkey ON practice_model USING btree (id);
CREATE INDEX practice_model_scope ON practice_model USING gin (scope);
CREATE INDEX practice_model_unit_id ON practice_model USING btree (unit_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON practice_model TO runtime;

CREATE TABLE preparation_group (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  alliance_id uuid,
  kind text NOT NULL DEFAULT 'PREPARATION_GROUP_KIND_UNSPECIFIED'::text,
  name text NOT NULL DEFAULT ''::text,
  grades text[] NOT NULL DEFAULT '{}'::text[],
  subjects text[] NOT NULL DEFAULT '{}'::text[],
  organisation_id uuid,
  state text NOT NULL DEFAULT 'PREPARATION_GROUP_STATE_UNSPECIFIED'::text,
  formed_on date,
  dissolved_on date,
  dissolve_reason text NOT NULL DEFAULT ''::text,
  duties text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT preparation_group_pkey PRIMARY KEY (id)
);
CREATE INDEX preparation_group_alliance_id ON preparation_group USING btree (alliance_id, id);
CREATE INDEX preparation_group_name_order ON preparation_group USING btree (name COLLATE "C", id);
CREATE INDEX preparation_group_organisation_id ON preparation_group USING btree (organisation_id, id);
CREATE UNIQUE INDEX preparation_group_pkey ON preparation_group USING btree (id);
CREATE INDEX preparation_group_scope ON preparation_group USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON preparation_group TO runtime;

CREATE TABLE preparation_group_member (
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
  preparation_group_id uuid,
  organisation_id uuid,
  teacher_ref text NOT NULL DEFAULT ''::text,
  role text NOT NULL DEFAULT 'PREPARATION_GROUP_ROLE_UNSPECIFIED'::text,
  subjects text[] NOT NULL DEFAULT '{}'::text[],
  from_on date,
  to_on date,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT preparation_group_member_pkey PRIMARY KEY (id),
  CONSTRAINT preparation_group_member_preparation_group_id_exists FOREIGN KEY (preparation_group_id) REFERENCES preparation_group(id)
);
CREATE INDEX preparation_group_member_organisation_id ON preparation_group_member USING btree (organisation_id, id);
CREATE UNIQUE INDEX preparation_group_member_pkey ON preparation_group_member USING btree (id);
CREATE INDEX preparation_group_member_preparation_group_id ON preparation_group_member USING btree (preparation_group_id, id);
CREATE INDEX preparation_group_member_scope ON preparation_group_member USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON preparation_group_member TO runtime;

CREATE TABLE purge_place (
  bucket smallint NOT NULL,
  history_pos bigint NOT NULL DEFAULT 0,
  CONSTRAINT purge_place_pkey PRIMARY KEY (bucket)
);
CREATE UNIQUE INDEX purge_place_pkey ON purge_place USING btree (bucket);
GRANT SELECT, INSERT, UPDATE, DELETE ON purge_place TO runtime;

CREATE TABLE ranking_record (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  unit_kind text NOT NULL DEFAULT 'UNIT_KIND_UNSPECIFIED'::text,
  unit_id uuid,
  ranking_scope text NOT NULL DEFAULT ''::text,
  scope_jurisdiction_id uuid,
  field_size integer NOT NULL DEFAULT 0,
  measure text NOT NULL DEFAULT 'RANK_MEASURE_UNSPECIFIED'::text,
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED'::text,
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED'::text,
  grade text NOT NULL DEFAULT 'GRADE_UNSPECIFIED'::text,
  term text NOT NULL DEFAULT ''::text,
  rank integer NOT NULL DEFAULT 0,
  compared_with_id uuid,
  compulsory boolean NOT NULL DEFAULT false,
  note text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT ranking_record_compared_with_id_exists FOREIGN KEY (compared_with_id) REFERENCES ranking_record(id),
  CONSTRAINT ranking_record_pkey PRIMARY KEY (id)
);
CREATE INDEX ranking_record_compared_with_id ON ranking_record USING btree (compared_with_id, id);
CREATE UNIQUE INDEX ranking_record_pkey ON ranking_record USING btree (id);
CREATE INDEX ranking_record_scope ON ranking_record USING gin (scope);
CREATE INDEX ranking_record_scope_jurisdiction_id ON ranking_record USING btree (scope_jurisdiction_id, id);
CREATE UNIQUE INDEX ranking_record_series_unique ON ranking_record USING btree (unit_id, ranking_scope, measure, subject, stage, grade, term) WHERE ((delete_time IS NULL) AND (ranking_scope <> ''::text) AND (term <> ''::text));
CREATE INDEX ranking_record_unit_id ON ranking_record USING btree (unit_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON ranking_record TO runtime;

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
  model text NOT NULL DEFAULT 'ALLIANCE_MODEL_UNSPECIFIED'::text,
  jurisdiction_id uuid,
  state text NOT NULL DEFAULT 'ALLIANCE_STATE_UNSPECIFIED'::text,
  ended_on date,
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

CREATE TABLE registry_jurisdiction (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  kind text NOT NULL DEFAULT 'JURISDICTION_KIND_UNSPECIFIED'::text,
  level text NOT NULL DEFAULT 'JURISDICTION_LEVEL_UNSPECIFIED'::text,
  parent_id uuid,
  name text NOT NULL DEFAULT ''::text,
  replaced_by uuid,
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
CREATE INDEX registry_membership_alliance_id ON registry_membership USING btree (alliance_id);
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

CREATE TABLE research_project (
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
  title text NOT NULL DEFAULT ''::text,
  levels text[] NOT NULL DEFAULT '{}'::text[],
  key_topic boolean NOT NULL DEFAULT false,
  programme text NOT NULL DEFAULT ''::text,
  project_number text NOT NULL DEFAULT ''::text,
  organisation_id uuid,
  alliance_id uuid,
  participants jsonb NOT NULL DEFAULT '[]'::jsonb,
  leader_id text NOT NULL DEFAULT ''::text,
  state text NOT NULL DEFAULT 'RESEARCH_PROJECT_STATE_UNSPECIFIED'::text,
  applied_on date,
  approved_on date,
  opened_on date,
  mid_checked_on date,
  closed_on date,
  terminated_on date,
  planned_until date,
  summary text NOT NULL DEFAULT ''::text,
  mid_check_result text NOT NULL DEFAULT ''::text,
  outcome text NOT NULL DEFAULT ''::text,
  reject_reason text NOT NULL DEFAULT ''::text,
  terminate_reason text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT research_project_pkey PRIMARY KEY (id)
);
CREATE INDEX research_project_alliance_id ON research_project USING btree (alliance_id, id);
CREATE INDEX research_project_organisation_id ON research_project USING btree (organisation_id, id);
CREATE UNIQUE INDEX research_project_pkey ON research_project USING btree (id);
CREATE INDEX research_project_scope ON research_project USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON research_project TO runtime;

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

CREATE TABLE synchronous_plan (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  alliance_id uuid,
  preparation_group_id uuid,
  term_id uuid,
  title text NOT NULL DEFAULT ''::text,
  grade text NOT NULL DEFAULT 'GRADE_UNSPECIFIED'::text,
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED'::text,
  state text NOT NULL DEFAULT 'SYNCHRONOUS_PLAN_STATE_UNSPECIFIED'::text,
  agreed_on date,
  closed_on date,
  units jsonb NOT NULL DEFAULT '[]'::jsonb,
  description text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT synchronous_plan_pkey PRIMARY KEY (id),
  CONSTRAINT synchronous_plan_preparation_group_id_exists FOREIGN KEY (preparation_group_id) REFERENCES preparation_group(id)
);
CREATE INDEX synchronous_plan_alliance_id ON synchronous_plan USING btree (alliance_id, id);
CREATE UNIQUE INDEX synchronous_plan_of_group_unique ON synchronous_plan USING btree (preparation_group_id, term_id, grade, subject) WHERE (delete_time IS NULL);
CREATE UNIQUE INDEX synchronous_plan_pkey ON synchronous_plan USING btree (id);
CREATE INDEX synchronous_plan_preparation_group_id ON synchronous_plan USING btree (preparation_group_id, id);
CREATE INDEX synchronous_plan_scope ON synchronous_plan USING gin (scope);
CREATE INDEX synchronous_plan_term_id ON synchronous_plan USING btree (term_id, id);
CREATE INDEX synchronous_plan_title_order ON synchronous_plan USING btree (title COLLATE "C", id);
GRANT SELECT, INSERT, UPDATE, DELETE ON synchronous_plan TO runtime;

CREATE TABLE test_result (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  unified_test_id uuid,
  organisation_id uuid,
  school_id uuid,
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED'::text,
  tested_count bigint,
  full_score double precision,
  mean_score double precision,
  standard_deviation double precision,
  pass_share double precision,
  excellent_share double precision,
  shared_alliance_id uuid,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT test_result_pkey PRIMARY KEY (id),
  CONSTRAINT test_result_unified_test_id_exists FOREIGN KEY (unified_test_id) REFERENCES unified_test(id)
);
CREATE INDEX test_result_organisation_id ON test_result USING btree (organisation_id, id);
CREATE UNIQUE INDEX test_result_pkey ON test_result USING btree (id);
CREATE INDEX test_result_school_id ON test_result USING btree (school_id, id);
CREATE UNIQUE INDEX test_result_school_subject_unique ON test_result USING btree (unified_test_id, school_id, subject) WHERE (delete_time IS NULL);
CREATE INDEX test_result_scope ON test_result USING gin (scope);
CREATE INDEX test_result_shared_alliance_id ON test_result USING btree (shared_alliance_id, id);
CREATE INDEX test_result_unified_test_id ON test_result USING btree (unified_test_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON test_result TO runtime;

CREATE TABLE timetable_lesson (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  joint_timetable_id uuid,
  weekday integer NOT NULL DEFAULT 0,
  period integer NOT NULL DEFAULT 0,
  starts_at text NOT NULL DEFAULT ''::text,
  ends_at text NOT NULL DEFAULT ''::text,
  weeks text NOT NULL DEFAULT 'TIMETABLE_WEEKS_UNSPECIFIED'::text,
  from_on date,
  to_on date,
  timetable_teacher_id uuid,
  organisation_id uuid,
  grade text NOT NULL DEFAULT 'GRADE_UNSPECIFIED'::text,
  class_name text NOT NULL DEFAULT ''::text,
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED'::text,
  room text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT timetable_lesson_joint_timetable_id_exists FOREIGN KEY (joint_timetable_id) REFERENCES joint_timetable(id),
  CONSTRAINT timetable_lesson_pkey PRIMARY KEY (id),
  CONSTRAINT timetable_lesson_timetable_teacher_id_exists FOREIGN KEY (timetable_teacher_id) REFERENCES timetable_teacher(id)
);
CREATE INDEX timetable_lesson_joint_timetable_id ON timetable_lesson USING btree (joint_timetable_id, id);
CREATE INDEX timetable_lesson_organisation_id ON timetable_lesson USING btree (organisation_id, id);
CREATE UNIQUE INDEX timetable_lesson_pkey ON timetable_lesson USING btree (id);
CREATE INDEX timetable_lesson_school_weekday ON timetable_lesson USING btree (organisation_id, weekday, joint_timetable_id);
CREATE INDEX timetable_lesson_scope ON timetable_lesson USING gin (scope);
CREATE INDEX timetable_lesson_timetable_teacher_id ON timetable_lesson USING btree (timetable_teacher_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON timetable_lesson TO runtime;

CREATE TABLE timetable_teacher (
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
  joint_timetable_id uuid,
  organisation_id uuid,
  teacher_ref text NOT NULL DEFAULT ''::text,
  subjects text[] NOT NULL DEFAULT '{}'::text[],
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT timetable_teacher_joint_timetable_id_exists FOREIGN KEY (joint_timetable_id) REFERENCES joint_timetable(id),
  CONSTRAINT timetable_teacher_pkey PRIMARY KEY (id)
);
CREATE INDEX timetable_teacher_joint_timetable_id ON timetable_teacher USING btree (joint_timetable_id, id);
CREATE INDEX timetable_teacher_organisation_id ON timetable_teacher USING btree (organisation_id, id);
CREATE UNIQUE INDEX timetable_teacher_pkey ON timetable_teacher USING btree (id);
CREATE UNIQUE INDEX timetable_teacher_ref_unique ON timetable_teacher USING btree (joint_timetable_id, teacher_ref) WHERE ((delete_time IS NULL) AND (teacher_ref <> ''::text));
CREATE INDEX timetable_teacher_scope ON timetable_teacher USING gin (scope);
CREATE INDEX timetable_teacher_teacher_ref ON timetable_teacher USING btree (teacher_ref, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON timetable_teacher TO runtime;

CREATE TABLE unified_test (
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
  purpose text NOT NULL DEFAULT 'TEST_PURPOSE_UNSPECIFIED'::text,
  organisation_id uuid,
  alliance_id uuid,
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED'::text,
  grade text NOT NULL DEFAULT 'GRADE_UNSPECIFIED'::text,
  subjects text[] NOT NULL DEFAULT '{}'::text[],
  school_year text NOT NULL DEFAULT ''::text,
  term text NOT NULL DEFAULT ''::text,
  participants jsonb NOT NULL DEFAULT '[]'::jsonb,
  state text NOT NULL DEFAULT 'UNIFIED_TEST_STATE_UNSPECIFIED'::text,
  planned_on date,
  prepared_on date,
  held_on date,
  analysed_on date,
  shared_on date,
  monitoring_body text NOT NULL DEFAULT ''::text,
  legal_basis text NOT NULL DEFAULT ''::text,
  analyses jsonb NOT NULL DEFAULT '[]'::jsonb,
  conclusions text NOT NULL DEFAULT ''::text,
  reopen_reason text NOT NULL DEFAULT ''::text,
  cancel_reason text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  jurisdiction_id uuid,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT unified_test_pkey PRIMARY KEY (id)
);
CREATE INDEX unified_test_alliance_id ON unified_test USING btree (alliance_id, id);
CREATE INDEX unified_test_jurisdiction_id ON unified_test USING btree (jurisdiction_id, id);
CREATE INDEX unified_test_organisation_id ON unified_test USING btree (organisation_id, id);
CREATE UNIQUE INDEX unified_test_pkey ON unified_test USING btree (id);
CREATE INDEX unified_test_scope ON unified_test USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON unified_test TO runtime;

