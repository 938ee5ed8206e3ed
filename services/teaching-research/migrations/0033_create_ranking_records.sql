-- Ranks of units, a restricted kind (D77).

CREATE TABLE ranking_record (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  unit_kind text NOT NULL DEFAULT 'UNIT_KIND_UNSPECIFIED',
  unit_id uuid,
  ranking_scope text NOT NULL DEFAULT '',
  scope_jurisdiction_id uuid,
  field_size integer NOT NULL DEFAULT 0,
  measure text NOT NULL DEFAULT 'RANK_MEASURE_UNSPECIFIED',
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED',
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED',
  grade text NOT NULL DEFAULT 'GRADE_UNSPECIFIED',
  term text NOT NULL DEFAULT '',
  rank integer NOT NULL DEFAULT 0,
  compared_with_id uuid,
  CONSTRAINT ranking_record_compared_with_id_exists
    FOREIGN KEY (compared_with_id) REFERENCES ranking_record (id),
  compulsory boolean NOT NULL DEFAULT false,
  note text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX ranking_record_scope ON ranking_record USING gin (scope);
CREATE INDEX ranking_record_unit_id ON ranking_record (unit_id, id);
CREATE INDEX ranking_record_scope_jurisdiction_id ON ranking_record (scope_jurisdiction_id, id);
CREATE INDEX ranking_record_compared_with_id ON ranking_record (compared_with_id, id);
CREATE UNIQUE INDEX ranking_record_series_unique
  ON ranking_record (unit_id, ranking_scope, measure, subject, stage, grade, term)
  WHERE delete_time IS NULL AND ranking_scope <> '' AND term <> '';
