-- Talent programmes, their cohorts and members (D102).

CREATE TABLE talent_programme (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  name text NOT NULL DEFAULT '',
  kind text NOT NULL DEFAULT 'TALENT_PROGRAMME_KIND_UNSPECIFIED',
  jurisdiction_id uuid,
  host_organisation_id uuid,
  parent_programme_id uuid,
  CONSTRAINT talent_programme_parent_programme_id_exists FOREIGN KEY (parent_programme_id)
    REFERENCES talent_programme (id),
  level text NOT NULL DEFAULT 'DEVELOPMENT_LEVEL_UNSPECIFIED',
  state text NOT NULL DEFAULT 'GROUP_STATE_UNSPECIFIED',
  started_on date,
  ended_on date,
  end_reason text NOT NULL DEFAULT '',
  description text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX talent_programme_scope ON talent_programme USING gin (scope);
CREATE INDEX talent_programme_name_order ON talent_programme (name COLLATE "C", id);
CREATE INDEX talent_programme_jurisdiction_id ON talent_programme (jurisdiction_id, id);
CREATE INDEX talent_programme_host_organisation_id ON talent_programme (host_organisation_id, id);
CREATE INDEX talent_programme_parent_programme_id ON talent_programme (parent_programme_id, id);
CREATE INDEX talent_programme_started_on_order ON talent_programme (started_on, id);

CREATE TABLE talent_cohort (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  talent_programme_id uuid,
  CONSTRAINT talent_cohort_talent_programme_id_exists FOREIGN KEY (talent_programme_id)
    REFERENCES talent_programme (id),
  batch_number integer NOT NULL DEFAULT 0,
  target_group text NOT NULL DEFAULT 'TALENT_GROUP_UNSPECIFIED',
  started_on date,
  ended_on date,
  distinct_person_count bigint,
  distinct_person_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED',
  quota_count bigint,
  rural_quota_count bigint,
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX talent_cohort_scope ON talent_cohort USING gin (scope);
CREATE INDEX talent_cohort_talent_programme_id ON talent_cohort (talent_programme_id, id);
CREATE UNIQUE INDEX talent_cohort_once ON talent_cohort (talent_programme_id, batch_number, target_group)
  WHERE delete_time IS NULL;

CREATE TABLE talent_member (
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
  talent_programme_id uuid,
  CONSTRAINT talent_member_talent_programme_id_exists FOREIGN KEY (talent_programme_id)
    REFERENCES talent_programme (id),
  talent_cohort_id uuid,
  CONSTRAINT talent_member_talent_cohort_id_exists FOREIGN KEY (talent_cohort_id)
    REFERENCES talent_cohort (id),
  teacher_id uuid,
  CONSTRAINT talent_member_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher (id),
  target_group text NOT NULL DEFAULT 'TALENT_GROUP_UNSPECIFIED',
  state text NOT NULL DEFAULT 'GROUP_MEMBER_STATE_UNSPECIFIED',
  joined_on date,
  left_on date,
  outcome text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX talent_member_scope ON talent_member USING gin (scope);
CREATE INDEX talent_member_talent_programme_id ON talent_member (talent_programme_id, id);
CREATE INDEX talent_member_talent_cohort_id ON talent_member (talent_cohort_id, id);
CREATE INDEX talent_member_teacher_id ON talent_member (teacher_id, id);
CREATE UNIQUE INDEX talent_member_once ON talent_member (talent_cohort_id, teacher_id)
  WHERE delete_time IS NULL;
