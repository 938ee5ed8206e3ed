-- Courses, brand projects and equipment facts of schools (D83, D84).

CREATE TABLE course (
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
  name text NOT NULL DEFAULT '',
  category text NOT NULL DEFAULT 'COURSE_CATEGORY_UNSPECIFIED',
  subcategory text NOT NULL DEFAULT '',
  stages text[] NOT NULL DEFAULT '{}',
  grades text[] NOT NULL DEFAULT '{}',
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED',
  alliance_id uuid,
  partner_organisation_id uuid,
  starts_on date,
  ends_on date,
  weekly_lesson_count integer NOT NULL DEFAULT 0,
  place_count bigint,
  pupil_count bigint,
  venue_count bigint,
  is_brand boolean NOT NULL DEFAULT false,
  state text NOT NULL DEFAULT 'COURSE_STATE_UNSPECIFIED',
  opened_on date,
  closed_on date,
  cancel_reason text NOT NULL DEFAULT '',
  description text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX course_scope ON course USING gin (scope);
CREATE INDEX course_school_id ON course (school_id, id);
CREATE INDEX course_school_year_id ON course (school_year_id, id);
CREATE INDEX course_alliance_id ON course (alliance_id, id);
CREATE INDEX course_partner_organisation_id ON course (partner_organisation_id, id);

CREATE TABLE brand_project (
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
  name text NOT NULL DEFAULT '',
  field text NOT NULL DEFAULT 'BRAND_FIELD_UNSPECIFIED',
  level text NOT NULL DEFAULT 'BRAND_LEVEL_UNSPECIFIED',
  alliance_id uuid,
  state text NOT NULL DEFAULT 'BRAND_PROJECT_STATE_UNSPECIFIED',
  begun_on date,
  recognised_on date,
  ended_on date,
  end_reason text NOT NULL DEFAULT '',
  pupil_count bigint,
  description text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX brand_project_scope ON brand_project USING gin (scope);
CREATE INDEX brand_project_school_id ON brand_project (school_id, id);
CREATE INDEX brand_project_alliance_id ON brand_project (alliance_id, id);

CREATE TABLE equipment_facts (
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
  counted_on date,
  touch_panel_count bigint,
  recording_room_count bigint,
  laboratory_count bigint,
  innovation_laboratory_count bigint,
  stem_base_count bigint,
  stem_partner_count bigint,
  terminal_count bigint,
  digital_equipment_value_fen bigint,
  source text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX equipment_facts_scope ON equipment_facts USING gin (scope);
CREATE INDEX equipment_facts_school_id ON equipment_facts (school_id, id);
CREATE INDEX equipment_facts_school_year_id ON equipment_facts (school_year_id, id);
CREATE UNIQUE INDEX equipment_facts_key_unique
  ON equipment_facts (school_id, school_year_id)
  WHERE delete_time IS NULL;
