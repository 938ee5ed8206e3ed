-- Quotas, support teams and assignments (D48–D60, D62).

CREATE TABLE quota (
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
  issuer_jurisdiction_id uuid,
  alliance_id uuid,
  side text NOT NULL DEFAULT 'QUOTA_SIDE_UNSPECIFIED',
  jurisdiction_id uuid,
  school_year_id uuid,
  type text NOT NULL DEFAULT 'ASSIGNMENT_TYPE_UNSPECIFIED',
  planned_count integer NOT NULL DEFAULT 0,
  due_on date,
  opened_on date,
  filled_count integer NOT NULL DEFAULT 0,
  counted_on date,
  state text NOT NULL DEFAULT 'QUOTA_STATE_UNSPECIFIED',
  description text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX quota_scope ON quota USING gin (scope);
CREATE INDEX quota_issuer_jurisdiction_id ON quota (issuer_jurisdiction_id, id);
CREATE INDEX quota_alliance_id ON quota (alliance_id, id);
CREATE INDEX quota_jurisdiction_id ON quota (jurisdiction_id, id);
CREATE INDEX quota_school_year_id ON quota (school_year_id, id);
CREATE INDEX quota_due_on_order ON quota (due_on, id);

CREATE TABLE support_team (
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
  leader_teacher_id uuid,
  CONSTRAINT support_team_leader_teacher_id_exists FOREIGN KEY (leader_teacher_id) REFERENCES teacher (id),
  sending_organisation_id uuid,
  host_school_id uuid,
  alliance_id uuid,
  state text NOT NULL DEFAULT 'ASSIGNMENT_STATE_UNSPECIFIED',
  planned_from date,
  planned_until date,
  started_on date,
  ended_on date,
  tasks text NOT NULL DEFAULT '',
  outcome text NOT NULL DEFAULT '',
  assessment text NOT NULL DEFAULT 'ASSIGNMENT_ASSESSMENT_UNSPECIFIED',
  approved_on date,
  extension_reason text NOT NULL DEFAULT '',
  assessed_on date,
  end_reason text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX support_team_scope ON support_team USING gin (scope);
CREATE INDEX support_team_leader_teacher_id ON support_team (leader_teacher_id, id);
CREATE INDEX support_team_sending_organisation_id ON support_team (sending_organisation_id, id);
CREATE INDEX support_team_host_school_id ON support_team (host_school_id, id);
CREATE INDEX support_team_alliance_id ON support_team (alliance_id, id);
CREATE INDEX support_team_started_on_order ON support_team (started_on, id);

CREATE TABLE assignment (
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
  CONSTRAINT assignment_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher (id),
  type text NOT NULL DEFAULT 'ASSIGNMENT_TYPE_UNSPECIFIED',
  rotation_kind text NOT NULL DEFAULT 'ROTATION_KIND_UNSPECIFIED',
  from_school_id uuid,
  to_school_id uuid,
  host_role text NOT NULL DEFAULT 'HOST_ROLE_UNSPECIFIED',
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED',
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED',
  state text NOT NULL DEFAULT 'ASSIGNMENT_STATE_UNSPECIFIED',
  planned_from date,
  planned_until date,
  started_on date,
  ended_on date,
  weekly_share_percent integer NOT NULL DEFAULT 0,
  alliance_id uuid,
  quota_id uuid,
  CONSTRAINT assignment_quota_id_exists FOREIGN KEY (quota_id) REFERENCES quota (id),
  support_team_id uuid,
  CONSTRAINT assignment_support_team_id_exists FOREIGN KEY (support_team_id) REFERENCES support_team (id),
  backbone boolean,
  master_teacher boolean,
  cadre_rank text NOT NULL DEFAULT 'CADRE_RANK_UNSPECIFIED',
  reserve_cadre boolean,
  direction text NOT NULL DEFAULT 'DIRECTION_UNSPECIFIED',
  from_tier text NOT NULL DEFAULT 'SCHOOL_TIER_UNSPECIFIED',
  to_tier text NOT NULL DEFAULT 'SCHOOL_TIER_UNSPECIFIED',
  approved_on date,
  extension_reason text NOT NULL DEFAULT '',
  assessment text NOT NULL DEFAULT 'ASSIGNMENT_ASSESSMENT_UNSPECIFIED',
  assessment_note text NOT NULL DEFAULT '',
  assessed_on date,
  end_reason text NOT NULL DEFAULT '',
  tasks text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX assignment_scope ON assignment USING gin (scope);
CREATE INDEX assignment_teacher_id ON assignment (teacher_id, id);
CREATE INDEX assignment_from_school_id ON assignment (from_school_id, id);
CREATE INDEX assignment_to_school_id ON assignment (to_school_id, id);
CREATE INDEX assignment_planned_from_order ON assignment (planned_from, id);
CREATE INDEX assignment_started_on_order ON assignment (started_on, id);
CREATE INDEX assignment_alliance_id ON assignment (alliance_id, id);
CREATE INDEX assignment_quota_id ON assignment (quota_id, id);
CREATE INDEX assignment_support_team_id ON assignment (support_team_id, id);
