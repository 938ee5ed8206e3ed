-- Teachers, their ethics results, and how many may be asked to rotate (D32, D67, D68).

CREATE TABLE teacher (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  erase_time timestamptz,
  person_ref text NOT NULL DEFAULT '',
  name text NOT NULL DEFAULT '',
  birth_year integer NOT NULL DEFAULT 0,
  school_id uuid,
  at_school_since date,
  former_schools jsonb NOT NULL DEFAULT '[]',
  stages text[] NOT NULL DEFAULT '{}',
  subjects text[] NOT NULL DEFAULT '{}',
  title text NOT NULL DEFAULT 'PROFESSIONAL_TITLE_UNSPECIFIED',
  backbone_level text NOT NULL DEFAULT 'RECOGNITION_LEVEL_UNSPECIFIED',
  backbone_from date,
  backbone_until date,
  master_level text NOT NULL DEFAULT 'RECOGNITION_LEVEL_UNSPECIFIED',
  master_from date,
  master_until date,
  cadre_rank text NOT NULL DEFAULT 'CADRE_RANK_UNSPECIFIED',
  cadre_rank_from date,
  cadre_rank_until date,
  reserve_cadre boolean NOT NULL DEFAULT false,
  reserve_cadre_from date,
  reserve_cadre_until date,
  employment_status text NOT NULL DEFAULT 'EMPLOYMENT_STATUS_UNSPECIFIED',
  employment_status_since date,
  left_on date,
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX teacher_scope ON teacher USING gin (scope);
CREATE INDEX teacher_school_id ON teacher (school_id, id);
CREATE INDEX teacher_at_school_since_order ON teacher (at_school_since, id);
CREATE UNIQUE INDEX teacher_person_ref_unique ON teacher (person_ref)
  WHERE delete_time IS NULL AND person_ref <> '';

CREATE TABLE ethics_result (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  erase_time timestamptz,
  teacher_id uuid,
  CONSTRAINT ethics_result_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher (id),
  year integer NOT NULL DEFAULT 0,
  outcome text NOT NULL DEFAULT 'ETHICS_OUTCOME_UNSPECIFIED',
  document_number text NOT NULL DEFAULT '',
  jurisdiction_id uuid,
  decided_on date,
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX ethics_result_scope ON ethics_result USING gin (scope);
CREATE INDEX ethics_result_teacher_id ON ethics_result (teacher_id, id);
CREATE INDEX ethics_result_jurisdiction_id ON ethics_result (jurisdiction_id, id);
CREATE UNIQUE INDEX ethics_result_year_unique ON ethics_result (teacher_id, year) WHERE delete_time IS NULL;

CREATE TABLE rotation_eligibility (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  school_id uuid,
  school_year_id uuid,
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED',
  eligible_count integer NOT NULL DEFAULT 0,
  eligible_backbone_count integer NOT NULL DEFAULT 0,
  condition text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX rotation_eligibility_scope ON rotation_eligibility USING gin (scope);
CREATE INDEX rotation_eligibility_school_id ON rotation_eligibility (school_id, id);
CREATE INDEX rotation_eligibility_school_year_id ON rotation_eligibility (school_year_id, id);
CREATE UNIQUE INDEX rotation_eligibility_key_unique ON rotation_eligibility (school_id, school_year_id, stage)
  WHERE delete_time IS NULL;
