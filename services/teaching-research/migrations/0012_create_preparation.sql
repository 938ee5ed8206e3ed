-- Groups that prepare lessons together, plans at the same pace, and where schools leave them (D73, D75).

CREATE TABLE preparation_group (
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
  kind text NOT NULL DEFAULT 'PREPARATION_GROUP_KIND_UNSPECIFIED',
  name text NOT NULL DEFAULT '',
  grades text[] NOT NULL DEFAULT '{}',
  subjects text[] NOT NULL DEFAULT '{}',
  organisation_id uuid,
  state text NOT NULL DEFAULT 'PREPARATION_GROUP_STATE_UNSPECIFIED',
  formed_on date,
  dissolved_on date,
  dissolve_reason text NOT NULL DEFAULT '',
  duties text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX preparation_group_scope ON preparation_group USING gin (scope);
CREATE INDEX preparation_group_alliance_id ON preparation_group (alliance_id, id);
CREATE INDEX preparation_group_name_order ON preparation_group (name COLLATE "C", id);
CREATE INDEX preparation_group_organisation_id ON preparation_group (organisation_id, id);

CREATE TABLE preparation_group_member (
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
  preparation_group_id uuid,
  CONSTRAINT preparation_group_member_preparation_group_id_exists
    FOREIGN KEY (preparation_group_id) REFERENCES preparation_group (id),
  organisation_id uuid,
  teacher_ref text NOT NULL DEFAULT '',
  role text NOT NULL DEFAULT 'PREPARATION_GROUP_ROLE_UNSPECIFIED',
  subjects text[] NOT NULL DEFAULT '{}',
  from_on date,
  to_on date,
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX preparation_group_member_scope ON preparation_group_member USING gin (scope);
CREATE INDEX preparation_group_member_preparation_group_id
  ON preparation_group_member (preparation_group_id, id);
CREATE INDEX preparation_group_member_organisation_id ON preparation_group_member (organisation_id, id);

CREATE TABLE synchronous_plan (
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
  preparation_group_id uuid,
  CONSTRAINT synchronous_plan_preparation_group_id_exists
    FOREIGN KEY (preparation_group_id) REFERENCES preparation_group (id),
  term_id uuid,
  title text NOT NULL DEFAULT '',
  grade text NOT NULL DEFAULT 'GRADE_UNSPECIFIED',
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED',
  state text NOT NULL DEFAULT 'SYNCHRONOUS_PLAN_STATE_UNSPECIFIED',
  agreed_on date,
  closed_on date,
  units jsonb NOT NULL DEFAULT '[]',
  description text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX synchronous_plan_scope ON synchronous_plan USING gin (scope);
CREATE INDEX synchronous_plan_alliance_id ON synchronous_plan (alliance_id, id);
CREATE INDEX synchronous_plan_preparation_group_id ON synchronous_plan (preparation_group_id, id);
CREATE INDEX synchronous_plan_term_id ON synchronous_plan (term_id, id);
CREATE INDEX synchronous_plan_title_order ON synchronous_plan (title COLLATE "C", id);
CREATE UNIQUE INDEX synchronous_plan_of_group_unique
  ON synchronous_plan (preparation_group_id, term_id, grade, subject) WHERE delete_time IS NULL;

CREATE TABLE plan_deviation (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  synchronous_plan_id uuid,
  CONSTRAINT plan_deviation_synchronous_plan_id_exists
    FOREIGN KEY (synchronous_plan_id) REFERENCES synchronous_plan (id),
  organisation_id uuid,
  week integer NOT NULL DEFAULT 0,
  kind text NOT NULL DEFAULT 'PLAN_DEVIATION_KIND_UNSPECIFIED',
  lesson_count integer,
  reason text NOT NULL DEFAULT '',
  adjustment text NOT NULL DEFAULT '',
  noted_on date,
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX plan_deviation_scope ON plan_deviation USING gin (scope);
CREATE INDEX plan_deviation_synchronous_plan_id ON plan_deviation (synchronous_plan_id, id);
CREATE INDEX plan_deviation_organisation_id ON plan_deviation (organisation_id, id);
