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

CREATE TABLE agreement (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  kind text NOT NULL DEFAULT 'AGREEMENT_KIND_UNSPECIFIED'::text,
  title text NOT NULL DEFAULT ''::text,
  document_number text NOT NULL DEFAULT ''::text,
  jurisdiction_id uuid,
  alliance_id uuid,
  parties jsonb NOT NULL DEFAULT '[]'::jsonb,
  state text NOT NULL DEFAULT 'AGREEMENT_STATE_UNSPECIFIED'::text,
  signed_on date,
  in_force_on date,
  ends_on date,
  terminated_reason text NOT NULL DEFAULT ''::text,
  terms text NOT NULL DEFAULT ''::text,
  price_fen bigint NOT NULL DEFAULT 0,
  legal_person_unchanged boolean,
  funding_unchanged boolean,
  affiliation_unchanged boolean,
  nature_unchanged boolean,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  CONSTRAINT agreement_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance(id),
  CONSTRAINT agreement_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction(id),
  CONSTRAINT agreement_pkey PRIMARY KEY (id)
);
CREATE INDEX agreement_alliance_id ON agreement USING btree (alliance_id, id);
CREATE INDEX agreement_jurisdiction_id ON agreement USING btree (jurisdiction_id, id);
CREATE UNIQUE INDEX agreement_pkey ON agreement USING btree (id);
CREATE INDEX agreement_scope ON agreement USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON agreement TO runtime;

CREATE TABLE alliance (
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
  type text NOT NULL DEFAULT 'ALLIANCE_TYPE_UNSPECIFIED'::text,
  model text NOT NULL DEFAULT 'ALLIANCE_MODEL_UNSPECIFIED'::text,
  group_subtype text NOT NULL DEFAULT 'GROUP_SUBTYPE_UNSPECIFIED'::text,
  legal_form text NOT NULL DEFAULT 'LEGAL_FORM_UNSPECIFIED'::text,
  jurisdiction_id uuid,
  parent_alliance_id uuid,
  generation integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'ALLIANCE_STATE_UNSPECIFIED'::text,
  founded_on date,
  signed_on date,
  filed_on date,
  active_on date,
  assessed_on date,
  renewed_on date,
  ended_on date,
  start_precision text NOT NULL DEFAULT 'DATE_PRECISION_UNSPECIFIED'::text,
  end_reason text NOT NULL DEFAULT ''::text,
  replaced_by uuid,
  founding_document text NOT NULL DEFAULT ''::text,
  integrations jsonb NOT NULL DEFAULT '[]'::jsonb,
  features text[] NOT NULL DEFAULT '{}'::text[],
  stages text[] NOT NULL DEFAULT '{}'::text[],
  division_id uuid,
  description text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT alliance_division_id_exists FOREIGN KEY (division_id) REFERENCES jurisdiction(id),
  CONSTRAINT alliance_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction(id),
  CONSTRAINT alliance_parent_alliance_id_exists FOREIGN KEY (parent_alliance_id) REFERENCES alliance(id),
  CONSTRAINT alliance_pkey PRIMARY KEY (id),
  CONSTRAINT alliance_replaced_by_exists FOREIGN KEY (replaced_by) REFERENCES alliance(id)
);
CREATE INDEX alliance_division_id ON alliance USING btree (division_id, id);
CREATE INDEX alliance_founded_on_order ON alliance USING btree (founded_on, id);
CREATE INDEX alliance_jurisdiction_id ON alliance USING btree (jurisdiction_id, id);
CREATE INDEX alliance_name_order ON alliance USING btree (name COLLATE "C", id);
CREATE INDEX alliance_parent_alliance_id ON alliance USING btree (parent_alliance_id, id);
CREATE UNIQUE INDEX alliance_pkey ON alliance USING btree (id);
CREATE INDEX alliance_replaced_by ON alliance USING btree (replaced_by, id);
CREATE INDEX alliance_scope ON alliance USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON alliance TO runtime;

CREATE TABLE annual_plan (
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
  cycle_id uuid,
  title text NOT NULL DEFAULT ''::text,
  state text NOT NULL DEFAULT 'PLAN_STATE_UNSPECIFIED'::text,
  agreed_on date,
  filed_on date,
  closed_on date,
  close_reason text NOT NULL DEFAULT ''::text,
  year integer NOT NULL DEFAULT 0,
  school_year text NOT NULL DEFAULT ''::text,
  starts_on date,
  ends_on date,
  tasks jsonb NOT NULL DEFAULT '[]'::jsonb,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  CONSTRAINT annual_plan_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance(id),
  CONSTRAINT annual_plan_cycle_id_exists FOREIGN KEY (cycle_id) REFERENCES cycle(id),
  CONSTRAINT annual_plan_pkey PRIMARY KEY (id)
);
CREATE INDEX annual_plan_alliance_id ON annual_plan USING btree (alliance_id, id);
CREATE INDEX annual_plan_cycle_id ON annual_plan USING btree (cycle_id, id);
CREATE UNIQUE INDEX annual_plan_pkey ON annual_plan USING btree (id);
CREATE INDEX annual_plan_scope ON annual_plan USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON annual_plan TO runtime;

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

CREATE TABLE cooperation_project (
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
  title text NOT NULL DEFAULT ''::text,
  year integer NOT NULL DEFAULT 0,
  owner_organisation_id uuid,
  partner_organisation_id uuid,
  state text NOT NULL DEFAULT 'PROJECT_STATE_UNSPECIFIED'::text,
  started_on date,
  finished_on date,
  description text NOT NULL DEFAULT ''::text,
  outcome text NOT NULL DEFAULT ''::text,
  cancel_reason text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  CONSTRAINT cooperation_project_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance(id),
  CONSTRAINT cooperation_project_owner_organisation_id_exists FOREIGN KEY (owner_organisation_id) REFERENCES organisation(id),
  CONSTRAINT cooperation_project_partner_organisation_id_exists FOREIGN KEY (partner_organisation_id) REFERENCES organisation(id),
  CONSTRAINT cooperation_project_pkey PRIMARY KEY (id)
);
CREATE INDEX cooperation_project_alliance_id ON cooperation_project USING btree (alliance_id, id);
CREATE INDEX cooperation_project_owner_organisation_id ON cooperation_project USING btree (owner_organisation_id, id);
CREATE INDEX cooperation_project_partner_organisation_id ON cooperation_project USING btree (partner_organisation_id, id);
CREATE UNIQUE INDEX cooperation_project_pkey ON cooperation_project USING btree (id);
CREATE INDEX cooperation_project_scope ON cooperation_project USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON cooperation_project TO runtime;

CREATE TABLE county_programme (
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
  title text NOT NULL DEFAULT ''::text,
  document_number text NOT NULL DEFAULT ''::text,
  state text NOT NULL DEFAULT 'PROGRAMME_STATE_UNSPECIFIED'::text,
  goals text NOT NULL DEFAULT ''::text,
  evaluation text NOT NULL DEFAULT ''::text,
  policy_support text NOT NULL DEFAULT ''::text,
  starts_on date,
  ends_on date,
  end_reason text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  CONSTRAINT county_programme_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction(id),
  CONSTRAINT county_programme_pkey PRIMARY KEY (id)
);
CREATE INDEX county_programme_jurisdiction_id ON county_programme USING btree (jurisdiction_id, id);
CREATE UNIQUE INDEX county_programme_pkey ON county_programme USING btree (id);
CREATE INDEX county_programme_scope ON county_programme USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON county_programme TO runtime;

CREATE TABLE cycle (
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
  alliance_id uuid,
  number integer NOT NULL DEFAULT 0,
  name text NOT NULL DEFAULT ''::text,
  starts_on date,
  ends_on date,
  CONSTRAINT cycle_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance(id),
  CONSTRAINT cycle_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction(id),
  CONSTRAINT cycle_pkey PRIMARY KEY (id)
);
CREATE INDEX cycle_alliance_id ON cycle USING btree (alliance_id, id);
CREATE INDEX cycle_jurisdiction_id ON cycle USING btree (jurisdiction_id, id);
CREATE UNIQUE INDEX cycle_pkey ON cycle USING btree (id);
CREATE INDEX cycle_scope ON cycle USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON cycle TO runtime;

CREATE TABLE daily_stamp (
  kind text NOT NULL,
  done_on date NOT NULL,
  after_id uuid,
  CONSTRAINT daily_stamp_pkey PRIMARY KEY (kind)
);
CREATE UNIQUE INDEX daily_stamp_pkey ON daily_stamp USING btree (kind);
GRANT SELECT, INSERT, UPDATE, DELETE ON daily_stamp TO runtime;

CREATE TABLE development_plan (
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
  cycle_id uuid,
  title text NOT NULL DEFAULT ''::text,
  state text NOT NULL DEFAULT 'PLAN_STATE_UNSPECIFIED'::text,
  agreed_on date,
  filed_on date,
  closed_on date,
  close_reason text NOT NULL DEFAULT ''::text,
  starts_on date,
  ends_on date,
  goals text NOT NULL DEFAULT ''::text,
  measures text NOT NULL DEFAULT ''::text,
  result_marks text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  CONSTRAINT development_plan_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance(id),
  CONSTRAINT development_plan_cycle_id_exists FOREIGN KEY (cycle_id) REFERENCES cycle(id),
  CONSTRAINT development_plan_pkey PRIMARY KEY (id)
);
CREATE INDEX development_plan_alliance_id ON development_plan USING btree (alliance_id, id);
CREATE INDEX development_plan_cycle_id ON development_plan USING btree (cycle_id, id);
CREATE UNIQUE INDEX development_plan_pkey ON development_plan USING btree (id);
CREATE INDEX development_plan_scope ON development_plan USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON development_plan TO runtime;

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

CREATE TABLE fact_submission (
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
  school_year_id uuid,
  restatement integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'FACT_SUBMISSION_STATE_UNSPECIFIED'::text,
  restates_id uuid,
  restatement_reason text NOT NULL DEFAULT ''::text,
  return_reason text NOT NULL DEFAULT ''::text,
  submitted_on date,
  city_checked_on date,
  accepted_on date,
  frozen_on date,
  source text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT fact_submission_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction(id),
  CONSTRAINT fact_submission_pkey PRIMARY KEY (id),
  CONSTRAINT fact_submission_restates_id_exists FOREIGN KEY (restates_id) REFERENCES fact_submission(id),
  CONSTRAINT fact_submission_school_year_id_exists FOREIGN KEY (school_year_id) REFERENCES school_year(id)
);
CREATE INDEX fact_submission_jurisdiction_id ON fact_submission USING btree (jurisdiction_id, id);
CREATE UNIQUE INDEX fact_submission_pkey ON fact_submission USING btree (id);
CREATE UNIQUE INDEX fact_submission_restatement_unique ON fact_submission USING btree (jurisdiction_id, school_year_id, restatement) WHERE (delete_time IS NULL);
CREATE INDEX fact_submission_restates_id ON fact_submission USING btree (restates_id, id);
CREATE INDEX fact_submission_school_year_id ON fact_submission USING btree (school_year_id, id);
CREATE INDEX fact_submission_scope ON fact_submission USING gin (scope);
CREATE INDEX fact_submission_submitted_on_order ON fact_submission USING btree (submitted_on, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON fact_submission TO runtime;

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

CREATE TABLE filing (
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
  kind text NOT NULL DEFAULT 'FILING_KIND_UNSPECIFIED'::text,
  implementation_plan_id uuid,
  annual_plan_id uuid,
  development_plan_id uuid,
  agreement_id uuid,
  authority_jurisdiction_id uuid,
  year integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'FILING_STATE_UNSPECIFIED'::text,
  submitted_on date,
  returned_on date,
  return_reason text NOT NULL DEFAULT ''::text,
  filed_on date,
  reviewer_organisation_id uuid,
  filing_number text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  CONSTRAINT filing_agreement_id_exists FOREIGN KEY (agreement_id) REFERENCES agreement(id),
  CONSTRAINT filing_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance(id),
  CONSTRAINT filing_annual_plan_id_exists FOREIGN KEY (annual_plan_id) REFERENCES annual_plan(id),
  CONSTRAINT filing_authority_jurisdiction_id_exists FOREIGN KEY (authority_jurisdiction_id) REFERENCES jurisdiction(id),
  CONSTRAINT filing_development_plan_id_exists FOREIGN KEY (development_plan_id) REFERENCES development_plan(id),
  CONSTRAINT filing_implementation_plan_id_exists FOREIGN KEY (implementation_plan_id) REFERENCES implementation_plan(id),
  CONSTRAINT filing_pkey PRIMARY KEY (id),
  CONSTRAINT filing_reviewer_organisation_id_exists FOREIGN KEY (reviewer_organisation_id) REFERENCES organisation(id)
);
CREATE INDEX filing_agreement_id ON filing USING btree (agreement_id, id);
CREATE INDEX filing_alliance_id ON filing USING btree (alliance_id, id);
CREATE INDEX filing_annual_plan_id ON filing USING btree (annual_plan_id, id);
CREATE INDEX filing_authority_jurisdiction_id ON filing USING btree (authority_jurisdiction_id, id);
CREATE INDEX filing_development_plan_id ON filing USING btree (development_plan_id, id);
CREATE INDEX filing_implementation_plan_id ON filing USING btree (implementation_plan_id, id);
CREATE UNIQUE INDEX filing_pkey ON filing USING btree (id);
CREATE INDEX filing_reviewer_organisation_id ON filing USING btree (reviewer_organisation_id, id);
CREATE INDEX filing_scope ON filing USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON filing TO runtime;

CREATE TABLE funding (
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
  alliance_id uuid,
  year integer NOT NULL DEFAULT 0,
  source text NOT NULL DEFAULT 'FUNDING_SOURCE_UNSPECIFIED'::text,
  payer_level text NOT NULL DEFAULT 'PAYER_LEVEL_UNSPECIFIED'::text,
  payer_organisation_id uuid,
  payer_jurisdiction_id uuid,
  beneficiary_organisation_id uuid,
  amount_fen bigint NOT NULL DEFAULT 0,
  share_percent double precision,
  purpose text NOT NULL DEFAULT ''::text,
  allocated_on date,
  paid_on date,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  CONSTRAINT funding_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance(id),
  CONSTRAINT funding_beneficiary_organisation_id_exists FOREIGN KEY (beneficiary_organisation_id) REFERENCES organisation(id),
  CONSTRAINT funding_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction(id),
  CONSTRAINT funding_payer_jurisdiction_id_exists FOREIGN KEY (payer_jurisdiction_id) REFERENCES jurisdiction(id),
  CONSTRAINT funding_payer_organisation_id_exists FOREIGN KEY (payer_organisation_id) REFERENCES organisation(id),
  CONSTRAINT funding_pkey PRIMARY KEY (id)
);
CREATE INDEX funding_alliance_id ON funding USING btree (alliance_id, id);
CREATE INDEX funding_beneficiary_organisation_id ON funding USING btree (beneficiary_organisation_id, id);
CREATE INDEX funding_jurisdiction_id ON funding USING btree (jurisdiction_id, id);
CREATE INDEX funding_payer_jurisdiction_id ON funding USING btree (payer_jurisdiction_id, id);
CREATE INDEX funding_payer_organisation_id ON funding USING btree (payer_organisation_id, id);
CREATE UNIQUE INDEX funding_pkey ON funding USING btree (id);
CREATE INDEX funding_scope ON funding USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON funding TO runtime;

CREATE TABLE governing_body (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  kind text NOT NULL DEFAULT 'GOVERNING_BODY_KIND_UNSPECIFIED'::text,
  name text NOT NULL DEFAULT ''::text,
  level text NOT NULL DEFAULT 'GOVERNANCE_LEVEL_UNSPECIFIED'::text,
  jurisdiction_id uuid,
  alliance_id uuid,
  office_organisation_id uuid,
  seats jsonb NOT NULL DEFAULT '[]'::jsonb,
  duties text NOT NULL DEFAULT ''::text,
  since_on date,
  ended_on date,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  CONSTRAINT governing_body_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance(id),
  CONSTRAINT governing_body_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction(id),
  CONSTRAINT governing_body_office_organisation_id_exists FOREIGN KEY (office_organisation_id) REFERENCES organisation(id),
  CONSTRAINT governing_body_pkey PRIMARY KEY (id)
);
CREATE INDEX governing_body_alliance_id ON governing_body USING btree (alliance_id, id);
CREATE INDEX governing_body_jurisdiction_id ON governing_body USING btree (jurisdiction_id, id);
CREATE INDEX governing_body_office_organisation_id ON governing_body USING btree (office_organisation_id, id);
CREATE UNIQUE INDEX governing_body_pkey ON governing_body USING btree (id);
CREATE INDEX governing_body_scope ON governing_body USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON governing_body TO runtime;

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

CREATE TABLE implementation_plan (
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
  cycle_id uuid,
  title text NOT NULL DEFAULT ''::text,
  state text NOT NULL DEFAULT 'PLAN_STATE_UNSPECIFIED'::text,
  agreed_on date,
  filed_on date,
  closed_on date,
  close_reason text NOT NULL DEFAULT ''::text,
  kind text NOT NULL DEFAULT 'IMPLEMENTATION_PLAN_KIND_UNSPECIFIED'::text,
  overall_plan_id uuid,
  item text NOT NULL DEFAULT ''::text,
  starts_on date,
  ends_on date,
  organisation text NOT NULL DEFAULT ''::text,
  long_term_plan text NOT NULL DEFAULT ''::text,
  short_term_plan text NOT NULL DEFAULT ''::text,
  feedback_and_summary text NOT NULL DEFAULT ''::text,
  check_and_evaluation text NOT NULL DEFAULT ''::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  CONSTRAINT implementation_plan_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance(id),
  CONSTRAINT implementation_plan_cycle_id_exists FOREIGN KEY (cycle_id) REFERENCES cycle(id),
  CONSTRAINT implementation_plan_overall_plan_id_exists FOREIGN KEY (overall_plan_id) REFERENCES implementation_plan(id),
  CONSTRAINT implementation_plan_pkey PRIMARY KEY (id)
);
CREATE INDEX implementation_plan_alliance_id ON implementation_plan USING btree (alliance_id, id);
CREATE INDEX implementation_plan_cycle_id ON implementation_plan USING btree (cycle_id, id);
CREATE INDEX implementation_plan_overall_plan_id ON implementation_plan USING btree (overall_plan_id, id);
CREATE UNIQUE INDEX implementation_plan_pkey ON implementation_plan USING btree (id);
CREATE INDEX implementation_plan_scope ON implementation_plan USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON implementation_plan TO runtime;

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

CREATE TABLE jurisdiction (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  kind text NOT NULL DEFAULT 'JURISDICTION_KIND_UNSPECIFIED'::text,
  level text NOT NULL DEFAULT 'JURISDICTION_LEVEL_UNSPECIFIED'::text,
  division_code text NOT NULL DEFAULT ''::text,
  parent_id uuid,
  name text NOT NULL DEFAULT ''::text,
  former_names jsonb NOT NULL DEFAULT '[]'::jsonb,
  bureau_name text NOT NULL DEFAULT ''::text,
  valid_from date,
  valid_to date,
  replaced_by uuid,
  split_from_id uuid,
  central_urban jsonb NOT NULL DEFAULT '[]'::jsonb,
  former_codes jsonb NOT NULL DEFAULT '[]'::jsonb,
  remark text NOT NULL DEFAULT ''::text,
  CONSTRAINT jurisdiction_parent_id_exists FOREIGN KEY (parent_id) REFERENCES jurisdiction(id),
  CONSTRAINT jurisdiction_pkey PRIMARY KEY (id),
  CONSTRAINT jurisdiction_replaced_by_exists FOREIGN KEY (replaced_by) REFERENCES jurisdiction(id),
  CONSTRAINT jurisdiction_split_from_id_exists FOREIGN KEY (split_from_id) REFERENCES jurisdiction(id)
);
CREATE INDEX jurisdiction_division_code_order ON jurisdiction USING btree (division_code COLLATE "C", id);
CREATE UNIQUE INDEX jurisdiction_division_code_unique ON jurisdiction USING btree (division_code) WHERE ((delete_time IS NULL) AND (division_code <> ''::text));
CREATE INDEX jurisdiction_name_order ON jurisdiction USING btree (name COLLATE "C", id);
CREATE INDEX jurisdiction_parent_id ON jurisdiction USING btree (parent_id, id);
CREATE UNIQUE INDEX jurisdiction_pkey ON jurisdiction USING btree (id);
CREATE INDEX jurisdiction_replaced_by ON jurisdiction USING btree (replaced_by, id);
CREATE INDEX jurisdiction_scope ON jurisdiction USING gin (scope);
CREATE INDEX jurisdiction_split_from_id ON jurisdiction USING btree (split_from_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON jurisdiction TO runtime;

CREATE TABLE jurisdiction_year_facts (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  submission_id uuid,
  jurisdiction_id uuid,
  school_year_id uuid,
  schools bigint,
  compulsory_schools bigint,
  kindergartens bigint,
  primary_schools bigint,
  junior_schools bigint,
  senior_schools bigint,
  vocational_schools bigint,
  special_schools bigint,
  registry_complete boolean NOT NULL DEFAULT false,
  disabled_children_known bigint,
  disabled_children_enrolled bigint,
  junior_retention_base bigint,
  junior_retained bigint,
  migrant_children_eligible bigint,
  migrant_children_placed bigint,
  source text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT jurisdiction_year_facts_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction(id),
  CONSTRAINT jurisdiction_year_facts_pkey PRIMARY KEY (id),
  CONSTRAINT jurisdiction_year_facts_school_year_id_exists FOREIGN KEY (school_year_id) REFERENCES school_year(id),
  CONSTRAINT jurisdiction_year_facts_submission_id_exists FOREIGN KEY (submission_id) REFERENCES fact_submission(id)
);
CREATE INDEX jurisdiction_year_facts_jurisdiction_id ON jurisdiction_year_facts USING btree (jurisdiction_id, id);
CREATE UNIQUE INDEX jurisdiction_year_facts_key_unique ON jurisdiction_year_facts USING btree (submission_id, jurisdiction_id) WHERE (delete_time IS NULL);
CREATE UNIQUE INDEX jurisdiction_year_facts_pkey ON jurisdiction_year_facts USING btree (id);
CREATE INDEX jurisdiction_year_facts_school_year_id ON jurisdiction_year_facts USING btree (school_year_id, id);
CREATE INDEX jurisdiction_year_facts_scope ON jurisdiction_year_facts USING gin (scope);
CREATE INDEX jurisdiction_year_facts_submission_id ON jurisdiction_year_facts USING btree (submission_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON jurisdiction_year_facts TO runtime;

CREATE TABLE membership (
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
  organisation_id uuid,
  jurisdiction_id uuid,
  role text NOT NULL DEFAULT 'MEMBERSHIP_ROLE_UNSPECIFIED'::text,
  side text NOT NULL DEFAULT 'MEMBERSHIP_SIDE_UNSPECIFIED'::text,
  tier integer NOT NULL DEFAULT 0,
  position integer NOT NULL DEFAULT 0,
  stages text[] NOT NULL DEFAULT '{}'::text[],
  generation integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'MEMBERSHIP_STATE_UNSPECIFIED'::text,
  proposed_on date,
  agreed_on date,
  joined_on date,
  suspended_on date,
  suspend_reason text NOT NULL DEFAULT ''::text,
  resumed_on date,
  left_on date,
  end_reason text NOT NULL DEFAULT ''::text,
  start_precision text NOT NULL DEFAULT 'DATE_PRECISION_UNSPECIFIED'::text,
  evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT membership_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance(id),
  CONSTRAINT membership_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction(id),
  CONSTRAINT membership_organisation_id_exists FOREIGN KEY (organisation_id) REFERENCES organisation(id),
  CONSTRAINT membership_pkey PRIMARY KEY (id)
);
CREATE INDEX membership_alliance_id ON membership USING btree (alliance_id, id);
CREATE INDEX membership_joined_on_order ON membership USING btree (joined_on, id);
CREATE INDEX membership_jurisdiction_id ON membership USING btree (jurisdiction_id, id);
CREATE INDEX membership_organisation_id ON membership USING btree (organisation_id, id);
CREATE UNIQUE INDEX membership_pkey ON membership USING btree (id);
CREATE INDEX membership_scope ON membership USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON membership TO runtime;

CREATE TABLE organisation (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  kind text NOT NULL DEFAULT 'ORGANISATION_KIND_UNSPECIFIED'::text,
  name text NOT NULL DEFAULT ''::text,
  short_name text NOT NULL DEFAULT ''::text,
  former_names jsonb NOT NULL DEFAULT '[]'::jsonb,
  jurisdiction_id uuid,
  division_id uuid,
  township_id uuid,
  parent_organisation_id uuid,
  status text NOT NULL DEFAULT 'ORGANISATION_STATUS_UNSPECIFIED'::text,
  opened_on date,
  closed_on date,
  school_code text NOT NULL DEFAULT ''::text,
  social_credit_code text NOT NULL DEFAULT ''::text,
  school_type text NOT NULL DEFAULT 'SCHOOL_TYPE_UNSPECIFIED'::text,
  stages text[] NOT NULL DEFAULT '{}'::text[],
  ownership text NOT NULL DEFAULT 'OWNERSHIP_UNSPECIFIED'::text,
  operator_type text NOT NULL DEFAULT 'OPERATOR_TYPE_UNSPECIFIED'::text,
  sponsor text NOT NULL DEFAULT ''::text,
  affiliation text NOT NULL DEFAULT 'AFFILIATION_UNSPECIFIED'::text,
  urban_rural_class text NOT NULL DEFAULT 'URBAN_RURAL_CLASS_UNSPECIFIED'::text,
  boarding text NOT NULL DEFAULT 'BOARDING_UNSPECIFIED'::text,
  quality_tier jsonb NOT NULL DEFAULT '[]'::jsonb,
  is_new jsonb NOT NULL DEFAULT '[]'::jsonb,
  is_small jsonb NOT NULL DEFAULT '[]'::jsonb,
  is_urban_village jsonb NOT NULL DEFAULT '[]'::jsonb,
  legal_entity jsonb NOT NULL DEFAULT '[]'::jsonb,
  funding_channel jsonb NOT NULL DEFAULT '[]'::jsonb,
  legal_representative text NOT NULL DEFAULT ''::text,
  longitude double precision,
  latitude double precision,
  coordinate_system text NOT NULL DEFAULT 'COORDINATE_SYSTEM_UNSPECIFIED'::text,
  special_education_tier text NOT NULL DEFAULT 'SPECIAL_EDUCATION_TIER_UNSPECIFIED'::text,
  duties text[] NOT NULL DEFAULT '{}'::text[],
  liaison_unit text NOT NULL DEFAULT ''::text,
  partner_kind text NOT NULL DEFAULT 'PARTNER_KIND_UNSPECIFIED'::text,
  cooperation_fields text[] NOT NULL DEFAULT '{}'::text[],
  replaced_by uuid,
  split_from_id uuid,
  former_codes jsonb NOT NULL DEFAULT '[]'::jsonb,
  synthetic boolean NOT NULL DEFAULT false,
  remark text NOT NULL DEFAULT ''::text,
  former_jurisdictions jsonb NOT NULL DEFAULT '[]'::jsonb,
  closed_periods jsonb NOT NULL DEFAULT '[]'::jsonb,
  CONSTRAINT organisation_division_id_exists FOREIGN KEY (division_id) REFERENCES jurisdiction(id),
  CONSTRAINT organisation_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction(id),
  CONSTRAINT organisation_parent_organisation_id_exists FOREIGN KEY (parent_organisation_id) REFERENCES organisation(id),
  CONSTRAINT organisation_pkey PRIMARY KEY (id),
  CONSTRAINT organisation_replaced_by_exists FOREIGN KEY (replaced_by) REFERENCES organisation(id),
  CONSTRAINT organisation_split_from_id_exists FOREIGN KEY (split_from_id) REFERENCES organisation(id),
  CONSTRAINT organisation_township_id_exists FOREIGN KEY (township_id) REFERENCES jurisdiction(id)
);
CREATE INDEX organisation_division_id ON organisation USING btree (division_id, id);
CREATE INDEX organisation_former_codes ON organisation USING gin (former_codes jsonb_path_ops) WHERE (former_codes <> '[]'::jsonb);
CREATE INDEX organisation_jurisdiction_id ON organisation USING btree (jurisdiction_id, id);
CREATE INDEX organisation_moved ON organisation USING btree (id) WHERE (former_jurisdictions <> '[]'::jsonb);
CREATE INDEX organisation_name_order ON organisation USING btree (name COLLATE "C", id);
CREATE INDEX organisation_parent_organisation_id ON organisation USING btree (parent_organisation_id, id);
CREATE UNIQUE INDEX organisation_pkey ON organisation USING btree (id);
CREATE INDEX organisation_replaced_by ON organisation USING btree (replaced_by, id);
CREATE INDEX organisation_school_code_order ON organisation USING btree (school_code COLLATE "C", id);
CREATE UNIQUE INDEX organisation_school_code_unique ON organisation USING btree (school_code) WHERE ((delete_time IS NULL) AND (school_code <> ''::text));
CREATE INDEX organisation_scope ON organisation USING gin (scope);
CREATE UNIQUE INDEX organisation_social_credit_code_unique ON organisation USING btree (social_credit_code) WHERE ((delete_time IS NULL) AND (social_credit_code <> ''::text));
CREATE INDEX organisation_split_from_id ON organisation USING btree (split_from_id, id);
CREATE INDEX organisation_township_id ON organisation USING btree (township_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON organisation TO runtime;

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

CREATE TABLE role_holder (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  person_ref text NOT NULL DEFAULT ''::text,
  role text NOT NULL DEFAULT 'HOLDER_ROLE_UNSPECIFIED'::text,
  organisation_id uuid,
  alliance_id uuid,
  governing_body_id uuid,
  from_on date,
  to_on date,
  remark text NOT NULL DEFAULT ''::text,
  CONSTRAINT role_holder_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance(id),
  CONSTRAINT role_holder_governing_body_id_exists FOREIGN KEY (governing_body_id) REFERENCES governing_body(id),
  CONSTRAINT role_holder_organisation_id_exists FOREIGN KEY (organisation_id) REFERENCES organisation(id),
  CONSTRAINT role_holder_pkey PRIMARY KEY (id)
);
CREATE INDEX role_holder_alliance_id ON role_holder USING btree (alliance_id, id);
CREATE INDEX role_holder_governing_body_id ON role_holder USING btree (governing_body_id, id);
CREATE INDEX role_holder_organisation_id ON role_holder USING btree (organisation_id, id);
CREATE UNIQUE INDEX role_holder_pkey ON role_holder USING btree (id);
CREATE INDEX role_holder_scope ON role_holder USING gin (scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON role_holder TO runtime;

CREATE TABLE schema_migration (
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT schema_migration_pkey PRIMARY KEY (name)
);
CREATE UNIQUE INDEX schema_migration_pkey ON schema_migration USING btree (name);
GRANT  ON schema_migration TO runtime;

CREATE TABLE school_year (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  key text NOT NULL DEFAULT ''::text,
  starts_on date,
  ends_on date,
  statistics_on date,
  submission_due_on date,
  city_check_due_on date,
  CONSTRAINT school_year_pkey PRIMARY KEY (id)
);
CREATE INDEX school_year_key_order ON school_year USING btree (key COLLATE "C", id);
CREATE UNIQUE INDEX school_year_key_unique ON school_year USING btree (key) WHERE ((delete_time IS NULL) AND (key <> ''::text));
CREATE UNIQUE INDEX school_year_pkey ON school_year USING btree (id);
CREATE INDEX school_year_scope ON school_year USING gin (scope);
CREATE INDEX school_year_starts_on_order ON school_year USING btree (starts_on, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON school_year TO runtime;

CREATE TABLE school_year_facts (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  submission_id uuid,
  organisation_id uuid,
  school_year_id uuid,
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED'::text,
  pupils bigint,
  classes bigint,
  largest_class_pupils bigint,
  classes_over_45 bigint,
  classes_over_50 bigint,
  full_time_teachers bigint,
  over_degree_teachers bigint,
  backbone_teachers bigint,
  pe_arts_teachers bigint,
  teaching_rooms_area double precision,
  sports_area double precision,
  equipment_value double precision,
  multimedia_classrooms bigint,
  classrooms bigint,
  connected_classrooms bigint,
  digital_campus boolean,
  public_funds double precision,
  training_spend double precision,
  least_pe_lessons_per_week bigint,
  site_area double precision,
  building_area double precision,
  source text NOT NULL DEFAULT ''::text,
  synthetic boolean NOT NULL DEFAULT false,
  CONSTRAINT school_year_facts_organisation_id_exists FOREIGN KEY (organisation_id) REFERENCES organisation(id),
  CONSTRAINT school_year_facts_pkey PRIMARY KEY (id),
  CONSTRAINT school_year_facts_school_year_id_exists FOREIGN KEY (school_year_id) REFERENCES school_year(id),
  CONSTRAINT school_year_facts_submission_id_exists FOREIGN KEY (submission_id) REFERENCES fact_submission(id)
);
CREATE UNIQUE INDEX school_year_facts_key_unique ON school_year_facts USING btree (submission_id, organisation_id, stage) WHERE (delete_time IS NULL);
CREATE INDEX school_year_facts_organisation_id ON school_year_facts USING btree (organisation_id, id);
CREATE UNIQUE INDEX school_year_facts_pkey ON school_year_facts USING btree (id);
CREATE INDEX school_year_facts_school_year_id ON school_year_facts USING btree (school_year_id, id);
CREATE INDEX school_year_facts_scope ON school_year_facts USING gin (scope);
CREATE INDEX school_year_facts_submission_id ON school_year_facts USING btree (submission_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON school_year_facts TO runtime;

CREATE TABLE term (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  create_time timestamp with time zone NOT NULL,
  update_time timestamp with time zone NOT NULL,
  delete_time timestamp with time zone,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]'::jsonb,
  key text NOT NULL DEFAULT ''::text,
  school_year_id uuid,
  number integer NOT NULL DEFAULT 0,
  starts_on date,
  ends_on date,
  CONSTRAINT term_pkey PRIMARY KEY (id),
  CONSTRAINT term_school_year_id_exists FOREIGN KEY (school_year_id) REFERENCES school_year(id)
);
CREATE INDEX term_key_order ON term USING btree (key COLLATE "C", id);
CREATE UNIQUE INDEX term_key_unique ON term USING btree (key) WHERE ((delete_time IS NULL) AND (key <> ''::text));
CREATE UNIQUE INDEX term_pkey ON term USING btree (id);
CREATE INDEX term_school_year_id ON term USING btree (school_year_id, id);
CREATE INDEX term_scope ON term USING gin (scope);
CREATE INDEX term_starts_on_order ON term USING btree (starts_on, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON term TO runtime;

