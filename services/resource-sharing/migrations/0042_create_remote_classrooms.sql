-- Pairs of remote classrooms (D81).

CREATE TABLE remote_classroom_pair (
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
  school_a_id uuid,
  school_b_id uuid,
  room_a text NOT NULL DEFAULT '',
  room_b text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'REMOTE_CLASSROOM_PAIR_STATE_UNSPECIFIED',
  planned_on date,
  installed_on date,
  in_service_on date,
  out_of_service_on date,
  out_of_service_reason text NOT NULL DEFAULT '',
  equipment text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX remote_classroom_pair_scope ON remote_classroom_pair USING gin (scope);
CREATE INDEX remote_classroom_pair_alliance_id ON remote_classroom_pair (alliance_id, id);
CREATE INDEX remote_classroom_pair_school_a_id ON remote_classroom_pair (school_a_id, id);
CREATE INDEX remote_classroom_pair_school_b_id ON remote_classroom_pair (school_b_id, id);
