-- Unified tests with their results: aggregates per school and subject only (D70).

CREATE TABLE unified_test (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  title text NOT NULL DEFAULT '',
  purpose text NOT NULL DEFAULT 'TEST_PURPOSE_UNSPECIFIED',
  organisation_id uuid,
  alliance_id uuid,
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED',
  grade text NOT NULL DEFAULT 'GRADE_UNSPECIFIED',
  subjects text[] NOT NULL DEFAULT '{}',
  school_year text NOT NULL DEFAULT '',
  term text NOT NULL DEFAULT '',
  participants jsonb NOT NULL DEFAULT '[]',
  state text NOT NULL DEFAULT 'UNIFIED_TEST_STATE_UNSPECIFIED',
  planned_on date,
  prepared_on date,
  held_on date,
  analysed_on date,
  shared_on date,
  monitoring_body text NOT NULL DEFAULT '',
  legal_basis text NOT NULL DEFAULT '',
  analyses jsonb NOT NULL DEFAULT '[]',
  conclusions text NOT NULL DEFAULT '',
  reopen_reason text NOT NULL DEFAULT '',
  cancel_reason text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  jurisdiction_id uuid,
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX unified_test_scope ON unified_test USING gin (scope);
CREATE INDEX unified_test_organisation_id ON unified_test (organisation_id, id);
CREATE INDEX unified_test_alliance_id ON unified_test (alliance_id, id);
CREATE INDEX unified_test_jurisdiction_id ON unified_test (jurisdiction_id, id);

CREATE TABLE test_result (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  unified_test_id uuid,
  CONSTRAINT test_result_unified_test_id_exists FOREIGN KEY (unified_test_id) REFERENCES unified_test (id),
  organisation_id uuid,
  school_id uuid,
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED',
  tested_count bigint,
  full_score double precision,
  mean_score double precision,
  standard_deviation double precision,
  pass_share double precision,
  excellent_share double precision,
  shared_alliance_id uuid,
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX test_result_scope ON test_result USING gin (scope);
CREATE INDEX test_result_unified_test_id ON test_result (unified_test_id, id);
CREATE INDEX test_result_organisation_id ON test_result (organisation_id, id);
CREATE INDEX test_result_school_id ON test_result (school_id, id);
CREATE INDEX test_result_shared_alliance_id ON test_result (shared_alliance_id, id);
CREATE UNIQUE INDEX test_result_school_subject_unique
  ON test_result (unified_test_id, school_id, subject)
  WHERE delete_time IS NULL;
