-- Online lessons, who receives them, what they are planned with, and the sessions of remote classrooms that
-- they are given in (D80, D81).

CREATE TABLE bell_schedule (
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
  alliance_id uuid,
  periods jsonb NOT NULL DEFAULT '[]',
  note text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX bell_schedule_scope ON bell_schedule USING gin (scope);
CREATE INDEX bell_schedule_school_id ON bell_schedule (school_id, id);
CREATE INDEX bell_schedule_alliance_id ON bell_schedule (alliance_id, id);
CREATE UNIQUE INDEX bell_schedule_school_unique ON bell_schedule (school_id) WHERE delete_time IS NULL;

CREATE TABLE lesson_teacher (
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
  school_id uuid,
  teacher_id text NOT NULL DEFAULT '',
  alliance_id uuid,
  subjects text[] NOT NULL DEFAULT '{}',
  stages text[] NOT NULL DEFAULT '{}',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX lesson_teacher_scope ON lesson_teacher USING gin (scope);
CREATE INDEX lesson_teacher_school_id ON lesson_teacher (school_id, id);
CREATE INDEX lesson_teacher_alliance_id ON lesson_teacher (alliance_id, id);
CREATE UNIQUE INDEX lesson_teacher_teacher_unique
  ON lesson_teacher (teacher_id)
  WHERE delete_time IS NULL AND teacher_id <> '';

CREATE TABLE online_lesson (
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
  remote_classroom_pair_id uuid,
  CONSTRAINT online_lesson_remote_classroom_pair_id_exists
    FOREIGN KEY (remote_classroom_pair_id) REFERENCES remote_classroom_pair (id),
  sender_school_id uuid,
  bell_schedule_id uuid,
  CONSTRAINT online_lesson_bell_schedule_id_exists
    FOREIGN KEY (bell_schedule_id) REFERENCES bell_schedule (id),
  lesson_teacher_id uuid,
  CONSTRAINT online_lesson_lesson_teacher_id_exists
    FOREIGN KEY (lesson_teacher_id) REFERENCES lesson_teacher (id),
  mode text NOT NULL DEFAULT 'LESSON_MODE_UNSPECIFIED',
  title text NOT NULL DEFAULT '',
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED',
  grade text NOT NULL DEFAULT 'GRADE_UNSPECIFIED',
  class_name text NOT NULL DEFAULT '',
  room text NOT NULL DEFAULT '',
  lesson_date date,
  weekday text NOT NULL DEFAULT 'WEEKDAY_UNSPECIFIED',
  period integer NOT NULL DEFAULT 0,
  starts_at text NOT NULL DEFAULT '',
  ends_at text NOT NULL DEFAULT '',
  term_id uuid,
  max_receiver_count integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'ONLINE_LESSON_STATE_UNSPECIFIED',
  logged_on date,
  miss_reason text NOT NULL DEFAULT '',
  cancel_reason text NOT NULL DEFAULT '',
  made_up_on date,
  makes_up_for_id uuid,
  CONSTRAINT online_lesson_makes_up_for_id_exists FOREIGN KEY (makes_up_for_id) REFERENCES online_lesson (id),
  series_id uuid,
  pupil_count bigint,
  summary text NOT NULL DEFAULT '',
  recording_url text NOT NULL DEFAULT '',
  shows_minors boolean NOT NULL DEFAULT false,
  consent_basis text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX online_lesson_scope ON online_lesson USING gin (scope);
CREATE INDEX online_lesson_alliance_id ON online_lesson (alliance_id, id);
CREATE INDEX online_lesson_remote_classroom_pair_id ON online_lesson (remote_classroom_pair_id, id);
CREATE INDEX online_lesson_sender_school_id ON online_lesson (sender_school_id, id);
CREATE INDEX online_lesson_bell_schedule_id ON online_lesson (bell_schedule_id, id);
CREATE INDEX online_lesson_lesson_teacher_id ON online_lesson (lesson_teacher_id, id);
CREATE INDEX online_lesson_lesson_date_order ON online_lesson (lesson_date, id);
CREATE INDEX online_lesson_term_id ON online_lesson (term_id, id);
CREATE INDEX online_lesson_makes_up_for_id ON online_lesson (makes_up_for_id, id);
CREATE INDEX online_lesson_series_id ON online_lesson (series_id, id);

CREATE TABLE lesson_reception (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  online_lesson_id uuid,
  CONSTRAINT lesson_reception_online_lesson_id_exists
    FOREIGN KEY (online_lesson_id) REFERENCES online_lesson (id),
  receiver_school_id uuid,
  bell_schedule_id uuid,
  CONSTRAINT lesson_reception_bell_schedule_id_exists
    FOREIGN KEY (bell_schedule_id) REFERENCES bell_schedule (id),
  assistant_teacher_id uuid,
  CONSTRAINT lesson_reception_assistant_teacher_id_exists
    FOREIGN KEY (assistant_teacher_id) REFERENCES lesson_teacher (id),
  class_name text NOT NULL DEFAULT '',
  room text NOT NULL DEFAULT '',
  plays_on date,
  plays_from text NOT NULL DEFAULT '',
  plays_until text NOT NULL DEFAULT '',
  confirmed_date date,
  confirmed_from text NOT NULL DEFAULT '',
  confirmed_until text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'LESSON_RECEPTION_STATE_UNSPECIFIED',
  decline_reason text NOT NULL DEFAULT '',
  miss_reason text NOT NULL DEFAULT '',
  made_up_on date,
  make_up_note text NOT NULL DEFAULT '',
  pupil_count bigint,
  feedback text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX lesson_reception_scope ON lesson_reception USING gin (scope);
CREATE INDEX lesson_reception_online_lesson_id ON lesson_reception (online_lesson_id, id);
CREATE INDEX lesson_reception_receiver_school_id ON lesson_reception (receiver_school_id, id);
CREATE INDEX lesson_reception_bell_schedule_id ON lesson_reception (bell_schedule_id, id);
CREATE INDEX lesson_reception_assistant_teacher_id ON lesson_reception (assistant_teacher_id, id);
CREATE UNIQUE INDEX lesson_reception_class_unique
  ON lesson_reception (online_lesson_id, receiver_school_id, class_name)
  WHERE delete_time IS NULL AND class_name <> '';

CREATE TABLE remote_session (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  remote_classroom_pair_id uuid,
  CONSTRAINT remote_session_remote_classroom_pair_id_exists
    FOREIGN KEY (remote_classroom_pair_id) REFERENCES remote_classroom_pair (id),
  online_lesson_id uuid,
  CONSTRAINT remote_session_online_lesson_id_exists
    FOREIGN KEY (online_lesson_id) REFERENCES online_lesson (id),
  held_on date,
  starts_at text NOT NULL DEFAULT '',
  ends_at text NOT NULL DEFAULT '',
  purpose text NOT NULL DEFAULT 'REMOTE_SESSION_PURPOSE_UNSPECIFIED',
  pupil_a_count bigint,
  pupil_b_count bigint,
  teacher_count bigint,
  quality text NOT NULL DEFAULT 'REMOTE_SESSION_QUALITY_UNSPECIFIED',
  note text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX remote_session_scope ON remote_session USING gin (scope);
CREATE INDEX remote_session_remote_classroom_pair_id ON remote_session (remote_classroom_pair_id, id);
CREATE INDEX remote_session_online_lesson_id ON remote_session (online_lesson_id, id);
CREATE INDEX remote_session_held_on_order ON remote_session (held_on, id);

-- What a school or a teacher has on a day: asked by every lesson and every reception that is planned.
CREATE INDEX online_lesson_sender_day ON online_lesson (sender_school_id, lesson_date);
CREATE INDEX online_lesson_teacher_day ON online_lesson (lesson_teacher_id, lesson_date);
CREATE INDEX lesson_reception_receiver_day ON lesson_reception (receiver_school_id, confirmed_date);
CREATE INDEX lesson_reception_assistant_day ON lesson_reception (assistant_teacher_id, confirmed_date);
