-- Growth records and their events (D65).

CREATE TABLE growth_record (
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
  teacher_id uuid,
  CONSTRAINT growth_record_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher (id),
  school_year_id uuid,
  school_id uuid,
  plan text NOT NULL DEFAULT 'GROWTH_PLAN_UNSPECIFIED',
  goals text NOT NULL DEFAULT '',
  yearly_note text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'GROWTH_RECORD_STATE_UNSPECIFIED',
  closed_on date,
  reopen_reason text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX growth_record_scope ON growth_record USING gin (scope);
CREATE INDEX growth_record_teacher_id ON growth_record (teacher_id, id);
CREATE INDEX growth_record_school_year_id ON growth_record (school_year_id, id);
CREATE INDEX growth_record_school_id ON growth_record (school_id, id);
CREATE UNIQUE INDEX growth_record_once ON growth_record (teacher_id, school_year_id)
  WHERE delete_time IS NULL;

CREATE TABLE growth_event (
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
  growth_record_id uuid,
  CONSTRAINT growth_event_growth_record_id_exists FOREIGN KEY (growth_record_id)
    REFERENCES growth_record (id),
  kind text NOT NULL DEFAULT 'GROWTH_EVENT_KIND_UNSPECIFIED',
  happened_on date,
  level text NOT NULL DEFAULT 'DEVELOPMENT_LEVEL_UNSPECIFIED',
  title text NOT NULL DEFAULT '',
  description text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX growth_event_scope ON growth_event USING gin (scope);
CREATE INDEX growth_event_growth_record_id ON growth_event (growth_record_id, id);
CREATE INDEX growth_event_happened_on_order ON growth_event (happened_on, id);
