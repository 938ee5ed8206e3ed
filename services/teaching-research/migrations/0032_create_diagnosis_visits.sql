-- Diagnosis visits and what they found (D74).

CREATE TABLE diagnosis_visit (
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
  organisation_id uuid,
  school_id uuid,
  alliance_id uuid,
  kind text NOT NULL DEFAULT 'DIAGNOSIS_VISIT_KIND_UNSPECIFIED',
  leader_id text NOT NULL DEFAULT '',
  member_ids text[] NOT NULL DEFAULT '{}',
  team_size integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'DIAGNOSIS_VISIT_STATE_UNSPECIFIED',
  planned_on date,
  visited_on date,
  reported_on date,
  acknowledged_on date,
  lessons_seen_count integer NOT NULL DEFAULT 0,
  subjects text[] NOT NULL DEFAULT '{}',
  grades text[] NOT NULL DEFAULT '{}',
  summary text NOT NULL DEFAULT '',
  reopen_reason text NOT NULL DEFAULT '',
  cancel_reason text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX diagnosis_visit_scope ON diagnosis_visit USING gin (scope);
CREATE INDEX diagnosis_visit_organisation_id ON diagnosis_visit (organisation_id, id);
CREATE INDEX diagnosis_visit_school_id ON diagnosis_visit (school_id, id);
CREATE INDEX diagnosis_visit_alliance_id ON diagnosis_visit (alliance_id, id);
CREATE INDEX diagnosis_visit_visited_on_order ON diagnosis_visit (visited_on, id);

CREATE TABLE diagnosis_finding (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  diagnosis_visit_id uuid,
  CONSTRAINT diagnosis_finding_diagnosis_visit_id_exists
    FOREIGN KEY (diagnosis_visit_id) REFERENCES diagnosis_visit (id),
  number integer NOT NULL DEFAULT 0,
  kind text NOT NULL DEFAULT 'FINDING_KIND_UNSPECIFIED',
  area text NOT NULL DEFAULT 'FINDING_AREA_UNSPECIFIED',
  statement text NOT NULL DEFAULT '',
  advice text NOT NULL DEFAULT '',
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED',
  grade text NOT NULL DEFAULT 'GRADE_UNSPECIFIED',
  suggested_due_on date,
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX diagnosis_finding_scope ON diagnosis_finding USING gin (scope);
CREATE INDEX diagnosis_finding_diagnosis_visit_id ON diagnosis_finding (diagnosis_visit_id, id);
CREATE UNIQUE INDEX diagnosis_finding_number_unique
  ON diagnosis_finding (diagnosis_visit_id, number)
  WHERE delete_time IS NULL;
