-- Research projects, classes placed in other schools, and models of practice (D71, D72, D75b, D76).

CREATE TABLE research_project (
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
  title text NOT NULL DEFAULT '',
  levels text[] NOT NULL DEFAULT '{}',
  key_topic boolean NOT NULL DEFAULT false,
  programme text NOT NULL DEFAULT '',
  project_number text NOT NULL DEFAULT '',
  organisation_id uuid,
  alliance_id uuid,
  participants jsonb NOT NULL DEFAULT '[]',
  leader_id text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'RESEARCH_PROJECT_STATE_UNSPECIFIED',
  applied_on date,
  approved_on date,
  opened_on date,
  mid_checked_on date,
  closed_on date,
  terminated_on date,
  planned_until date,
  summary text NOT NULL DEFAULT '',
  mid_check_result text NOT NULL DEFAULT '',
  outcome text NOT NULL DEFAULT '',
  reject_reason text NOT NULL DEFAULT '',
  terminate_reason text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX research_project_scope ON research_project USING gin (scope);
CREATE INDEX research_project_organisation_id ON research_project (organisation_id, id);
CREATE INDEX research_project_alliance_id ON research_project (alliance_id, id);

CREATE TABLE class_placement (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  alliance_id uuid,
  home_organisation_id uuid,
  host_organisation_id uuid,
  school_year text NOT NULL DEFAULT '',
  grade text NOT NULL DEFAULT 'GRADE_UNSPECIFIED',
  class_names text[] NOT NULL DEFAULT '{}',
  class_count integer NOT NULL DEFAULT 0,
  pupil_count bigint,
  new_class_name text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'CLASS_PLACEMENT_STATE_UNSPECIFIED',
  planned_from date,
  planned_until date,
  agreed_on date,
  starts_on date,
  ends_on date,
  purpose text NOT NULL DEFAULT '',
  decline_reason text NOT NULL DEFAULT '',
  cancel_reason text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX class_placement_scope ON class_placement USING gin (scope);
CREATE INDEX class_placement_alliance_id ON class_placement (alliance_id, id);
CREATE INDEX class_placement_home_organisation_id ON class_placement (home_organisation_id, id);
CREATE INDEX class_placement_host_organisation_id ON class_placement (host_organisation_id, id);
CREATE UNIQUE INDEX class_placement_class_unique
  ON class_placement (home_organisation_id, host_organisation_id, school_year, grade, new_class_name)
  WHERE delete_time IS NULL AND school_year <> '' AND new_class_name <> '';

CREATE TABLE practice_model (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  kind text NOT NULL DEFAULT 'PRACTICE_MODEL_KIND_UNSPECIFIED',
  code text NOT NULL DEFAULT '',
  name text NOT NULL DEFAULT '',
  description text NOT NULL DEFAULT '',
  parts jsonb NOT NULL DEFAULT '[]',
  unit_kind text NOT NULL DEFAULT 'UNIT_KIND_UNSPECIFIED',
  unit_id uuid,
  stages text[] NOT NULL DEFAULT '{}',
  subjects text[] NOT NULL DEFAULT '{}',
  adopted_on date,
  ended_on date,
  recognitions text[] NOT NULL DEFAULT '{}',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX practice_model_scope ON practice_model USING gin (scope);
CREATE INDEX practice_model_unit_id ON practice_model (unit_id, id);
CREATE UNIQUE INDEX practice_model_code_unique
  ON practice_model (unit_id, kind, code)
  WHERE delete_time IS NULL AND code <> '';
