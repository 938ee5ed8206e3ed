-- Trainings and who took part (D66).

CREATE TABLE training (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  title text NOT NULL DEFAULT '',
  kind text NOT NULL DEFAULT 'TRAINING_KIND_UNSPECIFIED',
  audience text NOT NULL DEFAULT 'TRAINING_AUDIENCE_UNSPECIFIED',
  topics text[] NOT NULL DEFAULT '{}',
  host_organisation_id uuid,
  alliance_id uuid,
  jurisdiction_id uuid,
  term_id uuid,
  started_on date,
  ended_on date,
  mode text NOT NULL DEFAULT 'PARTICIPATION_MODE_UNSPECIFIED',
  stages text[] NOT NULL DEFAULT '{}',
  subjects text[] NOT NULL DEFAULT '{}',
  training_count bigint,
  session_count bigint,
  day_count double precision,
  lesson_count bigint,
  distinct_person_count bigint,
  distinct_person_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED',
  person_time_count bigint,
  person_time_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED',
  reached_pupil_count bigint,
  reached_pupil_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED',
  state text NOT NULL DEFAULT 'TRAINING_STATE_UNSPECIFIED',
  reported_on date,
  verified_on date,
  reject_reason text NOT NULL DEFAULT '',
  cancel_reason text NOT NULL DEFAULT '',
  description text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX training_scope ON training USING gin (scope);
CREATE INDEX training_host_organisation_id ON training (host_organisation_id, id);
CREATE INDEX training_alliance_id ON training (alliance_id, id);
CREATE INDEX training_jurisdiction_id ON training (jurisdiction_id, id);
CREATE INDEX training_term_id ON training (term_id, id);
CREATE INDEX training_started_on_order ON training (started_on, id);

CREATE TABLE training_participant (
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
  training_id uuid,
  CONSTRAINT training_participant_training_id_exists FOREIGN KEY (training_id) REFERENCES training (id),
  teacher_id uuid,
  CONSTRAINT training_participant_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher (id),
  attended_day_count double precision,
  class_hour_count double precision,
  result text NOT NULL DEFAULT 'TRAINING_RESULT_UNSPECIFIED',
  certificate_number text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX training_participant_scope ON training_participant USING gin (scope);
CREATE INDEX training_participant_training_id ON training_participant (training_id, id);
CREATE INDEX training_participant_teacher_id ON training_participant (teacher_id, id);
CREATE UNIQUE INDEX training_participant_once ON training_participant (training_id, teacher_id)
  WHERE delete_time IS NULL;
