-- School years and terms: the clocks of facts, plans and rules.

CREATE TABLE school_year (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  key text NOT NULL DEFAULT '',
  starts_on date,
  ends_on date,
  statistics_on date,
  submission_due_on date,
  city_check_due_on date
);
CREATE INDEX school_year_scope ON school_year USING gin (scope);
CREATE INDEX school_year_key_order ON school_year (key COLLATE "C", id);
CREATE INDEX school_year_starts_on_order ON school_year (starts_on, id);
CREATE UNIQUE INDEX school_year_key_unique
  ON school_year (key) WHERE delete_time IS NULL AND key <> '';

CREATE TABLE term (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  key text NOT NULL DEFAULT '',
  school_year_id uuid,
  CONSTRAINT term_school_year_id_exists FOREIGN KEY (school_year_id) REFERENCES school_year (id),
  number integer NOT NULL DEFAULT 0,
  starts_on date,
  ends_on date
);
CREATE INDEX term_scope ON term USING gin (scope);
CREATE INDEX term_key_order ON term (key COLLATE "C", id);
CREATE INDEX term_school_year_id ON term (school_year_id, id);
CREATE INDEX term_starts_on_order ON term (starts_on, id);
CREATE UNIQUE INDEX term_key_unique ON term (key) WHERE delete_time IS NULL AND key <> '';
