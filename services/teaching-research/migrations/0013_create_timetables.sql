-- Timetables across schools (D75).

CREATE TABLE joint_timetable (
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
  term_id uuid,
  title text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'JOINT_TIMETABLE_STATE_UNSPECIFIED',
  published_on date,
  closed_on date,
  description text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX joint_timetable_scope ON joint_timetable USING gin (scope);
CREATE INDEX joint_timetable_alliance_id ON joint_timetable (alliance_id, id);
CREATE INDEX joint_timetable_term_id ON joint_timetable (term_id, id);
CREATE INDEX joint_timetable_title_order ON joint_timetable (title COLLATE "C", id);

CREATE TABLE timetable_teacher (
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
  joint_timetable_id uuid,
  CONSTRAINT timetable_teacher_joint_timetable_id_exists
    FOREIGN KEY (joint_timetable_id) REFERENCES joint_timetable (id),
  organisation_id uuid,
  teacher_ref text NOT NULL DEFAULT '',
  subjects text[] NOT NULL DEFAULT '{}',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX timetable_teacher_scope ON timetable_teacher USING gin (scope);
CREATE INDEX timetable_teacher_joint_timetable_id ON timetable_teacher (joint_timetable_id, id);
CREATE INDEX timetable_teacher_organisation_id ON timetable_teacher (organisation_id, id);
CREATE UNIQUE INDEX timetable_teacher_ref_unique
  ON timetable_teacher (joint_timetable_id, teacher_ref) WHERE delete_time IS NULL AND teacher_ref <> '';

CREATE TABLE timetable_lesson (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  joint_timetable_id uuid,
  CONSTRAINT timetable_lesson_joint_timetable_id_exists
    FOREIGN KEY (joint_timetable_id) REFERENCES joint_timetable (id),
  weekday integer NOT NULL DEFAULT 0,
  period integer NOT NULL DEFAULT 0,
  starts_at text NOT NULL DEFAULT '',
  ends_at text NOT NULL DEFAULT '',
  weeks text NOT NULL DEFAULT 'TIMETABLE_WEEKS_UNSPECIFIED',
  from_on date,
  to_on date,
  timetable_teacher_id uuid,
  CONSTRAINT timetable_lesson_timetable_teacher_id_exists
    FOREIGN KEY (timetable_teacher_id) REFERENCES timetable_teacher (id),
  organisation_id uuid,
  grade text NOT NULL DEFAULT 'GRADE_UNSPECIFIED',
  class_name text NOT NULL DEFAULT '',
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED',
  room text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX timetable_lesson_scope ON timetable_lesson USING gin (scope);
CREATE INDEX timetable_lesson_joint_timetable_id ON timetable_lesson (joint_timetable_id, id);
CREATE INDEX timetable_lesson_timetable_teacher_id ON timetable_lesson (timetable_teacher_id, id);
CREATE INDEX timetable_lesson_organisation_id ON timetable_lesson (organisation_id, id);

-- Who and what is needed at a time of a weekday: one more lesson is compared with few of them.
CREATE INDEX timetable_lesson_weekday ON timetable_lesson (joint_timetable_id, weekday, organisation_id);
