-- Improvement coefficients and how they are defined (I11).

CREATE TABLE improvement_definition (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  version text NOT NULL DEFAULT '',
  origin text NOT NULL DEFAULT 'DEFINITION_ORIGIN_UNSPECIFIED',
  name text NOT NULL DEFAULT '',
  words text NOT NULL DEFAULT '',
  formula text NOT NULL DEFAULT '',
  source text NOT NULL DEFAULT '',
  value_unit text NOT NULL DEFAULT '',
  valid_from date,
  valid_to date,
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX improvement_definition_scope ON improvement_definition USING gin (scope);
CREATE UNIQUE INDEX improvement_definition_version_unique
  ON improvement_definition (version)
  WHERE delete_time IS NULL AND version <> '';

CREATE TABLE improvement_coefficient (
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
  origin text NOT NULL DEFAULT 'COEFFICIENT_ORIGIN_UNSPECIFIED',
  improvement_definition_id uuid,
  CONSTRAINT improvement_coefficient_improvement_definition_id_exists
    FOREIGN KEY (improvement_definition_id) REFERENCES improvement_definition (id),
  value double precision,
  term text NOT NULL DEFAULT '',
  baseline_test_id uuid,
  CONSTRAINT improvement_coefficient_baseline_test_id_exists
    FOREIGN KEY (baseline_test_id) REFERENCES unified_test (id),
  outcome_test_id uuid,
  CONSTRAINT improvement_coefficient_outcome_test_id_exists
    FOREIGN KEY (outcome_test_id) REFERENCES unified_test (id),
  cells jsonb NOT NULL DEFAULT '[]',
  excluded jsonb NOT NULL DEFAULT '[]',
  computed_on date,
  source text NOT NULL DEFAULT '',
  note text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX improvement_coefficient_scope ON improvement_coefficient USING gin (scope);
CREATE INDEX improvement_coefficient_unit_id ON improvement_coefficient (unit_id, id);
CREATE INDEX improvement_coefficient_improvement_definition_id
  ON improvement_coefficient (improvement_definition_id, id);
CREATE INDEX improvement_coefficient_baseline_test_id ON improvement_coefficient (baseline_test_id, id);
CREATE INDEX improvement_coefficient_outcome_test_id ON improvement_coefficient (outcome_test_id, id);
