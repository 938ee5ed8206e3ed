-- Mentor pairs, their apprentices and their log (D61).

CREATE TABLE mentor_pair (
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
  mentor_id uuid,
  CONSTRAINT mentor_pair_mentor_id_exists FOREIGN KEY (mentor_id) REFERENCES teacher (id),
  mentor_school_id uuid,
  apprentice_school_id uuid,
  alliance_id uuid,
  cycle_id uuid,
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED',
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED',
  goals text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'MENTOR_PAIR_STATE_UNSPECIFIED',
  proposed_on date,
  signed_on date,
  started_on date,
  planned_until date,
  assessed_on date,
  ended_on date,
  result text NOT NULL DEFAULT 'MENTORING_RESULT_UNSPECIFIED',
  end_reason text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX mentor_pair_scope ON mentor_pair USING gin (scope);
CREATE INDEX mentor_pair_mentor_id ON mentor_pair (mentor_id, id);
CREATE INDEX mentor_pair_mentor_school_id ON mentor_pair (mentor_school_id, id);
CREATE INDEX mentor_pair_apprentice_school_id ON mentor_pair (apprentice_school_id, id);
CREATE INDEX mentor_pair_alliance_id ON mentor_pair (alliance_id, id);
CREATE INDEX mentor_pair_cycle_id ON mentor_pair (cycle_id, id);
CREATE INDEX mentor_pair_started_on_order ON mentor_pair (started_on, id);

CREATE TABLE mentor_apprentice (
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
  mentor_pair_id uuid,
  CONSTRAINT mentor_apprentice_mentor_pair_id_exists FOREIGN KEY (mentor_pair_id) REFERENCES mentor_pair (id),
  teacher_id uuid,
  CONSTRAINT mentor_apprentice_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher (id),
  joined_on date,
  left_on date,
  leave_reason text NOT NULL DEFAULT '',
  goals text NOT NULL DEFAULT '',
  result text NOT NULL DEFAULT 'MENTORING_RESULT_UNSPECIFIED',
  result_note text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX mentor_apprentice_scope ON mentor_apprentice USING gin (scope);
CREATE INDEX mentor_apprentice_mentor_pair_id ON mentor_apprentice (mentor_pair_id, id);
CREATE INDEX mentor_apprentice_teacher_id ON mentor_apprentice (teacher_id, id);
CREATE UNIQUE INDEX mentor_apprentice_once ON mentor_apprentice (mentor_pair_id, teacher_id)
  WHERE delete_time IS NULL;

CREATE TABLE mentor_log_entry (
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
  mentor_pair_id uuid,
  CONSTRAINT mentor_log_entry_mentor_pair_id_exists FOREIGN KEY (mentor_pair_id) REFERENCES mentor_pair (id),
  mentor_apprentice_id uuid,
  CONSTRAINT mentor_log_entry_mentor_apprentice_id_exists FOREIGN KEY (mentor_apprentice_id)
    REFERENCES mentor_apprentice (id),
  happened_on date,
  work text NOT NULL DEFAULT 'MENTORING_WORK_UNSPECIFIED',
  written_by text NOT NULL DEFAULT 'MENTOR_LOG_AUTHOR_UNSPECIFIED',
  lesson_count bigint,
  content text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX mentor_log_entry_scope ON mentor_log_entry USING gin (scope);
CREATE INDEX mentor_log_entry_mentor_pair_id ON mentor_log_entry (mentor_pair_id, id);
CREATE INDEX mentor_log_entry_mentor_apprentice_id ON mentor_log_entry (mentor_apprentice_id, id);
CREATE INDEX mentor_log_entry_happened_on_order ON mentor_log_entry (happened_on, id);
