-- Yearly facts and the submissions that carry them.

CREATE TABLE fact_submission (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  jurisdiction_id uuid,
  CONSTRAINT fact_submission_jurisdiction_id_exists
    FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction (id),
  school_year_id uuid,
  CONSTRAINT fact_submission_school_year_id_exists FOREIGN KEY (school_year_id) REFERENCES school_year (id),
  restatement integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'FACT_SUBMISSION_STATE_UNSPECIFIED',
  restates_id uuid,
  CONSTRAINT fact_submission_restates_id_exists FOREIGN KEY (restates_id) REFERENCES fact_submission (id),
  restatement_reason text NOT NULL DEFAULT '',
  return_reason text NOT NULL DEFAULT '',
  submitted_on date,
  city_checked_on date,
  accepted_on date,
  frozen_on date,
  source text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX fact_submission_scope ON fact_submission USING gin (scope);
CREATE INDEX fact_submission_jurisdiction_id ON fact_submission (jurisdiction_id, id);
CREATE INDEX fact_submission_school_year_id ON fact_submission (school_year_id, id);
CREATE INDEX fact_submission_restates_id ON fact_submission (restates_id, id);
CREATE INDEX fact_submission_submitted_on_order ON fact_submission (submitted_on, id);
CREATE UNIQUE INDEX fact_submission_restatement_unique
  ON fact_submission (jurisdiction_id, school_year_id, restatement)
  WHERE delete_time IS NULL;

CREATE TABLE school_year_facts (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  submission_id uuid,
  CONSTRAINT school_year_facts_submission_id_exists
    FOREIGN KEY (submission_id) REFERENCES fact_submission (id),
  organisation_id uuid,
  CONSTRAINT school_year_facts_organisation_id_exists
    FOREIGN KEY (organisation_id) REFERENCES organisation (id),
  school_year_id uuid,
  CONSTRAINT school_year_facts_school_year_id_exists FOREIGN KEY (school_year_id) REFERENCES school_year (id),
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED',
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
  source text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX school_year_facts_scope ON school_year_facts USING gin (scope);
CREATE INDEX school_year_facts_submission_id ON school_year_facts (submission_id, id);
CREATE INDEX school_year_facts_organisation_id ON school_year_facts (organisation_id, id);
CREATE INDEX school_year_facts_school_year_id ON school_year_facts (school_year_id, id);
CREATE UNIQUE INDEX school_year_facts_key_unique
  ON school_year_facts (submission_id, organisation_id, stage)
  WHERE delete_time IS NULL;

CREATE TABLE jurisdiction_year_facts (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  submission_id uuid,
  CONSTRAINT jurisdiction_year_facts_submission_id_exists
    FOREIGN KEY (submission_id) REFERENCES fact_submission (id),
  jurisdiction_id uuid,
  CONSTRAINT jurisdiction_year_facts_jurisdiction_id_exists
    FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction (id),
  school_year_id uuid,
  CONSTRAINT jurisdiction_year_facts_school_year_id_exists
    FOREIGN KEY (school_year_id) REFERENCES school_year (id),
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
  source text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX jurisdiction_year_facts_scope ON jurisdiction_year_facts USING gin (scope);
CREATE INDEX jurisdiction_year_facts_submission_id ON jurisdiction_year_facts (submission_id, id);
CREATE INDEX jurisdiction_year_facts_jurisdiction_id ON jurisdiction_year_facts (jurisdiction_id, id);
CREATE INDEX jurisdiction_year_facts_school_year_id ON jurisdiction_year_facts (school_year_id, id);
CREATE UNIQUE INDEX jurisdiction_year_facts_key_unique
  ON jurisdiction_year_facts (submission_id, jurisdiction_id)
  WHERE delete_time IS NULL;
