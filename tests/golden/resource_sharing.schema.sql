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

CREATE TABLE bell_schedule (
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
  alliance_id uuid,
  periods jsonb NOT NULL DEFAULT '[]'::jsonb,
  note text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT bell_schedule_pkey PRIMARY KEY (id)
);
CREATE INDEX bell_schedule_alliance_id ON bell_schedule USING btree (alliance_id, id);
CREATE UNIQUE INDEX bell_schedule_pkey ON bell_schedule USING btree (id);
CREATE INDEX bell_schedule_school_id ON bell_schedule USING btree (school_id, id);
CREATE UNIQUE INDEX bell_schedule_school_unique ON bell_schedule USING btree (school_id) WHERE (delete_time IS NULL);
CREATE INDEX bell_schedule_scope ON bell_schedule USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON bell_schedule TO runtime;

CREATE TABLE brand_project (
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
  name text NOT NULL DEFAULT ''::text,
  field text NOT NULL DEFAULT 'BRAND_FIELD_UNSPECIFIED'::text,
  level text NOT NULL DEFAULT 'BRAND_LEVEL_UNSPECIFIED'::text,
  alliance_id uuid,
  state text NOT NULL DEFAULT 'BRAND_PROJECT_STATE_UNSPECIFIED'::text,
  begun_on date,
  recognised_on date,
  ended_on date,
  end_reason text NOT NULL DEFAULT ''::text,
  pupil_count bigint,
  description text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT brand_project_pkey PRIMARY KEY (id)
);
CREATE INDEX brand_project_alliance_id ON brand_project USING btree (alliance_id, id);
CREATE UNIQUE INDEX brand_project_pkey ON brand_project USING btree (id);
CREATE INDEX brand_project_school_id ON brand_project USING btree (school_id, id);
CREATE INDEX brand_project_scope ON brand_project USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON brand_project TO runtime;

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

CREATE TABLE course (
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
  name text NOT NULL DEFAULT ''::text,
  category text NOT NULL DEFAULT 'COURSE_CATEGORY_UNSPECIFIED'::text,
  subcategory text NOT NULL DEFAULT ''::text,
  stages text[] NOT NULL DEFAULT '{}'::text[],
  grades text[] NOT NULL DEFAULT '{}'::text[],
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED'::text,
  alliance_id uuid,
  partner_organisation_id uuid,
  starts_on date,
  ends_on date,
  weekly_lesson_count integer NOT NULL DEFAULT 0,
  place_count bigint,
  pupil_count bigint,
  venue_count bigint,
  is_brand boolean NOT NULL DEFAULT false,
  state text NOT NULL DEFAULT 'COURSE_STATE_UNSPECIFIED'::text,
  opened_on date,
  closed_on date,
  cancel_reason text NOT NULL DEFAULT ''::text,
  description text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT course_pkey PRIMARY KEY (id)
);
CREATE INDEX course_alliance_id ON course USING btree (alliance_id, id);
CREATE INDEX course_partner_organisation_id ON course USING btree (partner_organisation_id, id);
CREATE UNIQUE INDEX course_pkey ON course USING btree (id);
CREATE INDEX course_school_id ON course USING btree (school_id, id);
CREATE INDEX course_school_year_id ON course USING btree (school_year_id, id);
CREATE INDEX course_scope ON course USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON course TO runtime;

CREATE TABLE daily_stamp (
  kind text NOT NULL,
  done_on date NOT NULL,
  after_id uuid,
  CONSTRAINT daily_stamp_pkey PRIMARY KEY (kind)
);
CREATE UNIQUE INDEX daily_stamp_pkey ON daily_stamp USING btree (kind);
GRANT SELECT, INSERT, UPDATE, DELETE ON daily_stamp TO runtime;

CREATE TABLE equipment_facts (
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
  counted_on date,
  touch_panel_count bigint,
  recording_room_count bigint,
  laboratory_count bigint,
  innovation_laboratory_count bigint,
  stem_base_count bigint,
  stem_partner_count bigint,
  terminal_count bigint,
  digital_equipment_value_fen bigint,
  source text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT equipment_facts_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX equipment_facts_key_unique ON equipment_facts USING btree (school_id, school_year_id) WHERE (delete_time IS NULL);
CREATE UNIQUE INDEX equipment_facts_pkey ON equipment_facts USING btree (id);
CREATE INDEX equipment_facts_school_id ON equipment_facts USING btree (school_id, id);
CREATE INDEX equipment_facts_school_year_id ON equipment_facts USING btree (school_year_id, id);
CREATE INDEX equipment_facts_scope ON equipment_facts USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON equipment_facts TO runtime;

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

CREATE TABLE file (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  organisation_id uuid,
  storage_quota_id uuid,
  name text NOT NULL DEFAULT ''::text,
  content_type text NOT NULL DEFAULT ''::text,
  size_bytes bigint NOT NULL DEFAULT 0,
  sha256 text NOT NULL DEFAULT ''::text,
  state text NOT NULL DEFAULT 'FILE_STATE_UNSPECIFIED'::text,
  stored_time timestamp with time zone,
  shows_minors boolean,
  consent_basis text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT file_pkey PRIMARY KEY (id),
  CONSTRAINT file_storage_quota_id_exists FOREIGN KEY (storage_quota_id) REFERENCES storage_quota(id)
);
CREATE INDEX file_organisation_id ON file USING btree (organisation_id, id);
CREATE UNIQUE INDEX file_pkey ON file USING btree (id);
CREATE INDEX file_scope ON file USING gin (scope);
CREATE INDEX file_sha256 ON file USING btree (sha256);
CREATE INDEX file_storage_quota_id ON file USING btree (storage_quota_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON file TO runtime;

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

CREATE TABLE lesson_reception (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  online_lesson_id uuid,
  receiver_school_id uuid,
  bell_schedule_id uuid,
  assistant_teacher_id uuid,
  class_name text NOT NULL DEFAULT ''::text,
  room text NOT NULL DEFAULT ''::text,
  plays_on date,
  plays_from text NOT NULL DEFAULT ''::text,
  plays_until text NOT NULL DEFAULT ''::text,
  confirmed_date date,
  confirmed_from text NOT NULL DEFAULT ''::text,
  confirmed_until text NOT NULL DEFAULT ''::text,
  state text NOT NULL DEFAULT 'LESSON_RECEPTION_STATE_UNSPECIFIED'::text,
  decline_reason text NOT NULL DEFAULT ''::text,
  miss_reason text NOT NULL DEFAULT ''::text,
  made_up_on date,
  make_up_note text NOT NULL DEFAULT ''::text,
  pupil_count bigint,
  feedback text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  confirmed_move_count integer NOT NULL DEFAULT 0,
  CONSTRAINT lesson_reception_assistant_teacher_id_exists FOREIGN KEY (assistant_teacher_id) REFERENCES lesson_teacher(id),
  CONSTRAINT lesson_reception_bell_schedule_id_exists FOREIGN KEY (bell_schedule_id) REFERENCES bell_schedule(id),
  CONSTRAINT lesson_reception_online_lesson_id_exists FOREIGN KEY (online_lesson_id) REFERENCES online_lesson(id),
  CONSTRAINT lesson_reception_pkey PRIMARY KEY (id)
);
CREATE INDEX lesson_reception_assistant_day ON lesson_reception USING btree (assistant_teacher_id, confirmed_date);
CREATE INDEX lesson_reception_assistant_teacher_id ON lesson_reception USING btree (assistant_teacher_id, id);
CREATE INDEX lesson_reception_bell_schedule_id ON lesson_reception USING btree (bell_schedule_id, id);
CREATE UNIQUE INDEX lesson_reception_class_unique ON lesson_reception USING btree (online_lesson_id, receiver_school_id, class_name) WHERE ((delete_time IS NULL) AND (class_name <> ''::text));
CREATE INDEX lesson_reception_online_lesson_id ON lesson_reception USING btree (online_lesson_id, id);
CREATE UNIQUE INDEX lesson_reception_pkey ON lesson_reception USING btree (id);
CREATE INDEX lesson_reception_receiver_day ON lesson_reception USING btree (receiver_school_id, confirmed_date);
CREATE INDEX lesson_reception_receiver_school_id ON lesson_reception USING btree (receiver_school_id, id);
CREATE INDEX lesson_reception_scope ON lesson_reception USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON lesson_reception TO runtime;

CREATE TABLE lesson_teacher (
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
  school_id uuid,
  teacher_id text NOT NULL DEFAULT ''::text,
  alliance_id uuid,
  subjects text[] NOT NULL DEFAULT '{}'::text[],
  stages text[] NOT NULL DEFAULT '{}'::text[],
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT lesson_teacher_pkey PRIMARY KEY (id)
);
CREATE INDEX lesson_teacher_alliance_id ON lesson_teacher USING btree (alliance_id, id);
CREATE UNIQUE INDEX lesson_teacher_pkey ON lesson_teacher USING btree (id);
CREATE INDEX lesson_teacher_school_id ON lesson_teacher USING btree (school_id, id);
CREATE INDEX lesson_teacher_scope ON lesson_teacher USING gin (scope);
CREATE UNIQUE INDEX lesson_teacher_teacher_unique ON lesson_teacher USING btree (teacher_id) WHERE ((delete_time IS NULL) AND (teacher_id <> ''::text));
GRANT SELECT, INSERT, UPDATE, DELETE ON lesson_teacher TO runtime;

CREATE TABLE online_lesson (
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
  remote_classroom_pair_id uuid,
  sender_school_id uuid,
  bell_schedule_id uuid,
  lesson_teacher_id uuid,
  mode text NOT NULL DEFAULT 'LESSON_MODE_UNSPECIFIED'::text,
  title text NOT NULL DEFAULT ''::text,
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED'::text,
  grade text NOT NULL DEFAULT 'GRADE_UNSPECIFIED'::text,
  class_name text NOT NULL DEFAULT ''::text,
  room text NOT NULL DEFAULT ''::text,
  lesson_date date,
  weekday text NOT NULL DEFAULT 'WEEKDAY_UNSPECIFIED'::text,
  period integer NOT NULL DEFAULT 0,
  starts_at text NOT NULL DEFAULT ''::text,
  ends_at text NOT NULL DEFAULT ''::text,
  term_id uuid,
  max_receiver_count integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'ONLINE_LESSON_STATE_UNSPECIFIED'::text,
  logged_on date,
  miss_reason text NOT NULL DEFAULT ''::text,
  cancel_reason text NOT NULL DEFAULT ''::text,
  made_up_on date,
  makes_up_for_id uuid,
  series_id uuid,
  pupil_count bigint,
  summary text NOT NULL DEFAULT ''::text,
  recording_url text NOT NULL DEFAULT ''::text,
  shows_minors boolean NOT NULL DEFAULT false,
  consent_basis text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  move_count integer NOT NULL DEFAULT 0,
  CONSTRAINT online_lesson_bell_schedule_id_exists FOREIGN KEY (bell_schedule_id) REFERENCES bell_schedule(id),
  CONSTRAINT online_lesson_lesson_teacher_id_exists FOREIGN KEY (lesson_teacher_id) REFERENCES lesson_teacher(id),
  CONSTRAINT online_lesson_makes_up_for_id_exists FOREIGN KEY (makes_up_for_id) REFERENCES online_lesson(id),
  CONSTRAINT online_lesson_pkey PRIMARY KEY (id),
  CONSTRAINT online_lesson_remote_classroom_pair_id_exists FOREIGN KEY (remote_classroom_pair_id) REFERENCES remote_classroom_pair(id)
);
CREATE INDEX online_lesson_alliance_id ON online_lesson USING btree (alliance_id, id);
CREATE INDEX online_lesson_bell_schedule_id ON online_lesson USING btree (bell_schedule_id, id);
CREATE INDEX online_lesson_lesson_date_order ON online_lesson USING btree (lesson_date, id);
CREATE INDEX online_lesson_lesson_teacher_id ON online_lesson USING btree (lesson_teacher_id, id);
CREATE INDEX online_lesson_makes_up_for_id ON online_lesson USING btree (makes_up_for_id, id);
CREATE UNIQUE INDEX online_lesson_pkey ON online_lesson USING btree (id);
CREATE INDEX online_lesson_remote_classroom_pair_id ON online_lesson USING btree (remote_classroom_pair_id, id);
CREATE INDEX online_lesson_scope ON online_lesson USING gin (scope);
CREATE INDEX online_lesson_sender_day ON online_lesson USING btree (sender_school_id, lesson_date);
CREATE INDEX online_lesson_sender_school_id ON online_lesson USING btree (sender_school_id, id);
CREATE INDEX online_lesson_series_id ON online_lesson USING btree (series_id, id);
CREATE INDEX online_lesson_teacher_day ON online_lesson USING btree (lesson_teacher_id, lesson_date);
CREATE INDEX online_lesson_term_id ON online_lesson USING btree (term_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON online_lesson TO runtime;

CREATE TABLE online_research_rule (
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
  kind text NOT NULL DEFAULT 'ONLINE_RESEARCH_KIND_UNSPECIFIED'::text,
  title text NOT NULL DEFAULT ''::text,
  frequency text NOT NULL DEFAULT 'ONLINE_RESEARCH_FREQUENCY_UNSPECIFIED'::text,
  session_count integer NOT NULL DEFAULT 0,
  platform_id uuid,
  subjects text[] NOT NULL DEFAULT '{}'::text[],
  state text NOT NULL DEFAULT 'ONLINE_RESEARCH_RULE_STATE_UNSPECIFIED'::text,
  in_force_on date,
  ended_on date,
  text text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT online_research_rule_pkey PRIMARY KEY (id),
  CONSTRAINT online_research_rule_platform_id_exists FOREIGN KEY (platform_id) REFERENCES platform(id)
);
CREATE INDEX online_research_rule_alliance_id ON online_research_rule USING btree (alliance_id, id);
CREATE UNIQUE INDEX online_research_rule_pkey ON online_research_rule USING btree (id);
CREATE INDEX online_research_rule_platform_id ON online_research_rule USING btree (platform_id, id);
CREATE INDEX online_research_rule_scope ON online_research_rule USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON online_research_rule TO runtime;

CREATE TABLE online_research_session (
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
  host_organisation_id uuid,
  online_research_rule_id uuid,
  remote_classroom_pair_id uuid,
  platform_id uuid,
  topic text NOT NULL DEFAULT ''::text,
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED'::text,
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED'::text,
  session_date date,
  starts_at text NOT NULL DEFAULT ''::text,
  ends_at text NOT NULL DEFAULT ''::text,
  distinct_school_count bigint,
  distinct_teacher_count bigint,
  state text NOT NULL DEFAULT 'ONLINE_RESEARCH_SESSION_STATE_UNSPECIFIED'::text,
  cancel_reason text NOT NULL DEFAULT ''::text,
  outcome text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT online_research_session_online_research_rule_id_exists FOREIGN KEY (online_research_rule_id) REFERENCES online_research_rule(id),
  CONSTRAINT online_research_session_pkey PRIMARY KEY (id),
  CONSTRAINT online_research_session_platform_id_exists FOREIGN KEY (platform_id) REFERENCES platform(id),
  CONSTRAINT online_research_session_remote_classroom_pair_id_exists FOREIGN KEY (remote_classroom_pair_id) REFERENCES remote_classroom_pair(id)
);
CREATE INDEX online_research_session_alliance_id ON online_research_session USING btree (alliance_id, id);
CREATE INDEX online_research_session_host_organisation_id ON online_research_session USING btree (host_organisation_id, id);
CREATE INDEX online_research_session_online_research_rule_id ON online_research_session USING btree (online_research_rule_id, id);
CREATE UNIQUE INDEX online_research_session_pkey ON online_research_session USING btree (id);
CREATE INDEX online_research_session_platform_id ON online_research_session USING btree (platform_id, id);
CREATE INDEX online_research_session_remote_classroom_pair_id ON online_research_session USING btree (remote_classroom_pair_id, id);
CREATE INDEX online_research_session_scope ON online_research_session USING gin (scope);
CREATE INDEX online_research_session_session_date_order ON online_research_session USING btree (session_date, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON online_research_session TO runtime;

CREATE TABLE platform (
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
  kind text NOT NULL DEFAULT 'PLATFORM_KIND_UNSPECIFIED'::text,
  inner_kinds text[] NOT NULL DEFAULT '{}'::text[],
  owner_organisation_id uuid,
  alliance_id uuid,
  upstream_cloud_id uuid,
  url text NOT NULL DEFAULT ''::text,
  state text NOT NULL DEFAULT 'PLATFORM_STATE_UNSPECIFIED'::text,
  online_on date,
  offline_on date,
  offline_reason text NOT NULL DEFAULT ''::text,
  description text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT platform_pkey PRIMARY KEY (id),
  CONSTRAINT platform_upstream_cloud_id_exists FOREIGN KEY (upstream_cloud_id) REFERENCES upstream_cloud(id)
);
CREATE INDEX platform_alliance_id ON platform USING btree (alliance_id, id);
CREATE INDEX platform_owner_organisation_id ON platform USING btree (owner_organisation_id, id);
CREATE UNIQUE INDEX platform_pkey ON platform USING btree (id);
CREATE INDEX platform_scope ON platform USING gin (scope);
CREATE INDEX platform_upstream_cloud_id ON platform USING btree (upstream_cloud_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform TO runtime;

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
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  name text NOT NULL DEFAULT ''::text,
  type text NOT NULL DEFAULT 'ALLIANCE_TYPE_UNSPECIFIED'::text,
  jurisdiction_id uuid,
  state text NOT NULL DEFAULT 'ALLIANCE_STATE_UNSPECIFIED'::text,
  active_on date,
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
CREATE INDEX registry_alliance_school_pair ON registry_alliance USING btree (id) WHERE (type = 'ALLIANCE_TYPE_SCHOOL_PAIR'::text);
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
  suspended_on date,
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
  replaced_by uuid,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL,
  closed_on date,
  CONSTRAINT registry_organisation_pkey PRIMARY KEY (id)
);
CREATE INDEX registry_organisation_external_ids ON registry_organisation USING gin (external_ids jsonb_path_ops);
CREATE UNIQUE INDEX registry_organisation_pkey ON registry_organisation USING btree (id);
CREATE INDEX registry_organisation_replaced ON registry_organisation USING btree (id) WHERE (replaced_by IS NOT NULL);
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

CREATE TABLE remote_classroom_pair (
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
  school_a_id uuid,
  school_b_id uuid,
  room_a text NOT NULL DEFAULT ''::text,
  room_b text NOT NULL DEFAULT ''::text,
  state text NOT NULL DEFAULT 'REMOTE_CLASSROOM_PAIR_STATE_UNSPECIFIED'::text,
  planned_on date,
  installed_on date,
  in_service_on date,
  out_of_service_on date,
  out_of_service_reason text NOT NULL DEFAULT ''::text,
  equipment text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT remote_classroom_pair_pkey PRIMARY KEY (id)
);
CREATE INDEX remote_classroom_pair_alliance_id ON remote_classroom_pair USING btree (alliance_id, id);
CREATE UNIQUE INDEX remote_classroom_pair_pkey ON remote_classroom_pair USING btree (id);
CREATE INDEX remote_classroom_pair_school_a_id ON remote_classroom_pair USING btree (school_a_id, id);
CREATE INDEX remote_classroom_pair_school_b_id ON remote_classroom_pair USING btree (school_b_id, id);
CREATE INDEX remote_classroom_pair_scope ON remote_classroom_pair USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON remote_classroom_pair TO runtime;

CREATE TABLE remote_session (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  remote_classroom_pair_id uuid,
  online_lesson_id uuid,
  held_on date,
  starts_at text NOT NULL DEFAULT ''::text,
  ends_at text NOT NULL DEFAULT ''::text,
  purpose text NOT NULL DEFAULT 'REMOTE_SESSION_PURPOSE_UNSPECIFIED'::text,
  pupil_a_count bigint,
  pupil_b_count bigint,
  teacher_count bigint,
  quality text NOT NULL DEFAULT 'REMOTE_SESSION_QUALITY_UNSPECIFIED'::text,
  note text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT remote_session_online_lesson_id_exists FOREIGN KEY (online_lesson_id) REFERENCES online_lesson(id),
  CONSTRAINT remote_session_pkey PRIMARY KEY (id),
  CONSTRAINT remote_session_remote_classroom_pair_id_exists FOREIGN KEY (remote_classroom_pair_id) REFERENCES remote_classroom_pair(id)
);
CREATE INDEX remote_session_held_on_order ON remote_session USING btree (held_on, id);
CREATE INDEX remote_session_online_lesson_id ON remote_session USING btree (online_lesson_id, id);
CREATE UNIQUE INDEX remote_session_pkey ON remote_session USING btree (id);
CREATE INDEX remote_session_remote_classroom_pair_id ON remote_session USING btree (remote_classroom_pair_id, id);
CREATE INDEX remote_session_scope ON remote_session USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON remote_session TO runtime;

CREATE TABLE resource_item (
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
  summary text NOT NULL DEFAULT ''::text,
  keywords text[] NOT NULL DEFAULT '{}'::text[],
  kind text NOT NULL DEFAULT 'RESOURCE_KIND_UNSPECIFIED'::text,
  purpose text NOT NULL DEFAULT 'RESOURCE_PURPOSE_UNSPECIFIED'::text,
  stages text[] NOT NULL DEFAULT '{}'::text[],
  grades text[] NOT NULL DEFAULT '{}'::text[],
  subjects text[] NOT NULL DEFAULT '{}'::text[],
  author_organisation_id uuid,
  author_id text NOT NULL DEFAULT ''::text,
  licence text NOT NULL DEFAULT 'RESOURCE_LICENCE_UNSPECIFIED'::text,
  licence_note text NOT NULL DEFAULT ''::text,
  audience text NOT NULL DEFAULT 'RESOURCE_AUDIENCE_UNSPECIFIED'::text,
  alliance_id uuid,
  level text NOT NULL DEFAULT 'RESOURCE_LEVEL_UNSPECIFIED'::text,
  open_jurisdiction_id uuid,
  open_alliance_id uuid,
  shows_minors boolean NOT NULL DEFAULT false,
  consent_basis text NOT NULL DEFAULT ''::text,
  reviewing_organisation_id uuid,
  review_cycle integer NOT NULL DEFAULT 0,
  required_round_count integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'RESOURCE_STATE_UNSPECIFIED'::text,
  submitted_on date,
  returned_on date,
  return_reason text NOT NULL DEFAULT ''::text,
  reviewed_on date,
  published_on date,
  featured_on date,
  retired_on date,
  retire_reason text NOT NULL DEFAULT ''::text,
  url text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  search_vector tsvector GENERATED ALWAYS AS (resource_search_vector(title, summary, keywords)) STORED,
  CONSTRAINT resource_item_pkey PRIMARY KEY (id)
);
CREATE INDEX resource_item_alliance_id ON resource_item USING btree (alliance_id, id);
CREATE INDEX resource_item_author_organisation_id ON resource_item USING btree (author_organisation_id, id);
CREATE INDEX resource_item_newest ON resource_item USING btree (published_on DESC NULLS LAST, id DESC) WHERE ((delete_time IS NULL) AND (state = ANY (ARRAY['RESOURCE_STATE_PUBLISHED'::text, 'RESOURCE_STATE_FEATURED'::text])));
CREATE INDEX resource_item_open_alliance_id ON resource_item USING btree (open_alliance_id, id);
CREATE INDEX resource_item_open_jurisdiction_id ON resource_item USING btree (open_jurisdiction_id, id);
CREATE UNIQUE INDEX resource_item_pkey ON resource_item USING btree (id);
CREATE INDEX resource_item_published_on_order ON resource_item USING btree (published_on, id);
CREATE INDEX resource_item_reviewing_organisation_id ON resource_item USING btree (reviewing_organisation_id, id);
CREATE INDEX resource_item_scope ON resource_item USING gin (scope);
CREATE INDEX resource_item_search_vector ON resource_item USING gin (search_vector, scope) WHERE ((delete_time IS NULL) AND (state = ANY (ARRAY['RESOURCE_STATE_PUBLISHED'::text, 'RESOURCE_STATE_FEATURED'::text])));
CREATE INDEX resource_item_title_order ON resource_item USING btree (title COLLATE "C", id);
GRANT SELECT, INSERT, UPDATE, DELETE ON resource_item TO runtime;

CREATE TABLE resource_rating (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  resource_item_id uuid,
  consumer_organisation_id uuid,
  stars integer NOT NULL DEFAULT 0,
  comment text NOT NULL DEFAULT ''::text,
  rated_on date,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT resource_rating_pkey PRIMARY KEY (id),
  CONSTRAINT resource_rating_resource_item_id_exists FOREIGN KEY (resource_item_id) REFERENCES resource_item(id)
);
CREATE INDEX resource_rating_consumer_organisation_id ON resource_rating USING btree (consumer_organisation_id, id);
CREATE UNIQUE INDEX resource_rating_pkey ON resource_rating USING btree (id);
CREATE INDEX resource_rating_resource_item_id ON resource_rating USING btree (resource_item_id, id);
CREATE UNIQUE INDEX resource_rating_school_unique ON resource_rating USING btree (resource_item_id, consumer_organisation_id) WHERE (delete_time IS NULL);
CREATE INDEX resource_rating_scope ON resource_rating USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON resource_rating TO runtime;

CREATE TABLE resource_review (
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
  resource_item_id uuid,
  reviewer_organisation_id uuid,
  reviewer_id text NOT NULL DEFAULT ''::text,
  verdict text NOT NULL DEFAULT 'REVIEW_VERDICT_UNSPECIFIED'::text,
  score integer NOT NULL DEFAULT 0,
  comment text NOT NULL DEFAULT ''::text,
  reviewed_on date,
  review_cycle integer NOT NULL DEFAULT 0,
  round integer NOT NULL DEFAULT 0,
  author_organisation_id uuid,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT resource_review_pkey PRIMARY KEY (id),
  CONSTRAINT resource_review_resource_item_id_exists FOREIGN KEY (resource_item_id) REFERENCES resource_item(id)
);
CREATE INDEX resource_review_author_organisation_id ON resource_review USING btree (author_organisation_id, id);
CREATE UNIQUE INDEX resource_review_pkey ON resource_review USING btree (id);
CREATE INDEX resource_review_resource_item_id ON resource_review USING btree (resource_item_id, id);
CREATE INDEX resource_review_reviewer_organisation_id ON resource_review USING btree (reviewer_organisation_id, id);
CREATE UNIQUE INDEX resource_review_round_unique ON resource_review USING btree (resource_item_id, review_cycle, round) WHERE (delete_time IS NULL);
CREATE INDEX resource_review_scope ON resource_review USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON resource_review TO runtime;

CREATE TABLE resource_use (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  resource_item_id uuid,
  consumer_organisation_id uuid,
  purpose text NOT NULL DEFAULT 'USE_PURPOSE_UNSPECIFIED'::text,
  used_on date,
  use_count integer NOT NULL DEFAULT 0,
  person_time_count integer NOT NULL DEFAULT 0,
  author_organisation_id uuid,
  cross_school boolean NOT NULL DEFAULT false,
  note text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT resource_use_pkey PRIMARY KEY (id),
  CONSTRAINT resource_use_resource_item_id_exists FOREIGN KEY (resource_item_id) REFERENCES resource_item(id)
);
CREATE INDEX resource_use_author_organisation_id ON resource_use USING btree (author_organisation_id, id);
CREATE INDEX resource_use_consumer_organisation_id ON resource_use USING btree (consumer_organisation_id, id);
CREATE UNIQUE INDEX resource_use_pkey ON resource_use USING btree (id);
CREATE INDEX resource_use_resource_item_id ON resource_use USING btree (resource_item_id, id);
CREATE INDEX resource_use_scope ON resource_use USING gin (scope);
CREATE INDEX resource_use_used_on_order ON resource_use USING btree (used_on, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON resource_use TO runtime;

CREATE TABLE resource_version (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  resource_item_id uuid,
  number integer NOT NULL DEFAULT 0,
  note text NOT NULL DEFAULT ''::text,
  file_ids uuid[] NOT NULL DEFAULT '{}'::uuid[],
  review_cycle integer NOT NULL DEFAULT 0,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT resource_version_pkey PRIMARY KEY (id),
  CONSTRAINT resource_version_resource_item_id_exists FOREIGN KEY (resource_item_id) REFERENCES resource_item(id)
);
CREATE INDEX resource_version_file_ids ON resource_version USING gin (file_ids);
CREATE INDEX resource_version_number_order ON resource_version USING btree (number, id);
CREATE UNIQUE INDEX resource_version_number_unique ON resource_version USING btree (resource_item_id, number) WHERE (delete_time IS NULL);
CREATE UNIQUE INDEX resource_version_pkey ON resource_version USING btree (id);
CREATE INDEX resource_version_resource_item_id ON resource_version USING btree (resource_item_id, id);
CREATE INDEX resource_version_scope ON resource_version USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON resource_version TO runtime;

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

CREATE TABLE storage_quota (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  jurisdiction_id uuid,
  organisation_id uuid,
  limit_bytes bigint NOT NULL DEFAULT 0,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT storage_quota_pkey PRIMARY KEY (id)
);
CREATE INDEX storage_quota_jurisdiction_id ON storage_quota USING btree (jurisdiction_id, id);
CREATE INDEX storage_quota_organisation_id ON storage_quota USING btree (organisation_id, id);
CREATE UNIQUE INDEX storage_quota_organisation_id_unique ON storage_quota USING btree (organisation_id) WHERE (delete_time IS NULL);
CREATE UNIQUE INDEX storage_quota_pkey ON storage_quota USING btree (id);
CREATE INDEX storage_quota_scope ON storage_quota USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON storage_quota TO runtime;

CREATE TABLE upstream_cloud (
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
  source_system text NOT NULL DEFAULT ''::text,
  owner_organisation_id uuid,
  level text NOT NULL DEFAULT 'UPSTREAM_LEVEL_UNSPECIFIED'::text,
  url text NOT NULL DEFAULT ''::text,
  sync_state text NOT NULL DEFAULT 'UPSTREAM_SYNC_STATE_UNSPECIFIED'::text,
  linked_on date,
  pause_reason text NOT NULL DEFAULT ''::text,
  unlinked_on date,
  unlink_reason text NOT NULL DEFAULT ''::text,
  last_import_time timestamp with time zone,
  last_imported_count bigint NOT NULL DEFAULT 0,
  last_refused_count bigint NOT NULL DEFAULT 0,
  last_error text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT upstream_cloud_pkey PRIMARY KEY (id)
);
CREATE INDEX upstream_cloud_owner_organisation_id ON upstream_cloud USING btree (owner_organisation_id, id);
CREATE UNIQUE INDEX upstream_cloud_pkey ON upstream_cloud USING btree (id);
CREATE INDEX upstream_cloud_scope ON upstream_cloud USING gin (scope);
CREATE UNIQUE INDEX upstream_cloud_source_system_unique ON upstream_cloud USING btree (source_system) WHERE ((delete_time IS NULL) AND (source_system <> ''::text));
GRANT SELECT, INSERT, UPDATE, DELETE ON upstream_cloud TO runtime;

CREATE TABLE upstream_use (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  upstream_cloud_id uuid,
  school_id uuid,
  jurisdiction_id uuid,
  period_from date,
  period_to date,
  visit_count bigint,
  use_count bigint,
  download_count bigint,
  distinct_user_count bigint,
  item_count bigint,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT upstream_use_pkey PRIMARY KEY (id),
  CONSTRAINT upstream_use_upstream_cloud_id_exists FOREIGN KEY (upstream_cloud_id) REFERENCES upstream_cloud(id)
);
CREATE INDEX upstream_use_jurisdiction_id ON upstream_use USING btree (jurisdiction_id, id);
CREATE INDEX upstream_use_period ON upstream_use USING btree (upstream_cloud_id, school_id, jurisdiction_id, period_from);
CREATE INDEX upstream_use_period_from_order ON upstream_use USING btree (period_from, id);
CREATE UNIQUE INDEX upstream_use_pkey ON upstream_use USING btree (id);
CREATE INDEX upstream_use_school_id ON upstream_use USING btree (school_id, id);
CREATE INDEX upstream_use_scope ON upstream_use USING gin (scope);
CREATE INDEX upstream_use_upstream_cloud_id ON upstream_use USING btree (upstream_cloud_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON upstream_use TO runtime;

