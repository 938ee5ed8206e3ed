-- Rules for online research, and its sessions (D82).

CREATE TABLE online_research_rule (
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
  kind text NOT NULL DEFAULT 'ONLINE_RESEARCH_KIND_UNSPECIFIED',
  title text NOT NULL DEFAULT '',
  frequency text NOT NULL DEFAULT 'ONLINE_RESEARCH_FREQUENCY_UNSPECIFIED',
  session_count integer NOT NULL DEFAULT 0,
  platform_id uuid,
  CONSTRAINT online_research_rule_platform_id_exists FOREIGN KEY (platform_id) REFERENCES platform (id),
  subjects text[] NOT NULL DEFAULT '{}',
  state text NOT NULL DEFAULT 'ONLINE_RESEARCH_RULE_STATE_UNSPECIFIED',
  in_force_on date,
  ended_on date,
  text text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX online_research_rule_scope ON online_research_rule USING gin (scope);
CREATE INDEX online_research_rule_alliance_id ON online_research_rule (alliance_id, id);
CREATE INDEX online_research_rule_platform_id ON online_research_rule (platform_id, id);

CREATE TABLE online_research_session (
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
  host_organisation_id uuid,
  online_research_rule_id uuid,
  CONSTRAINT online_research_session_online_research_rule_id_exists
    FOREIGN KEY (online_research_rule_id) REFERENCES online_research_rule (id),
  remote_classroom_pair_id uuid,
  CONSTRAINT online_research_session_remote_classroom_pair_id_exists
    FOREIGN KEY (remote_classroom_pair_id) REFERENCES remote_classroom_pair (id),
  platform_id uuid,
  CONSTRAINT online_research_session_platform_id_exists FOREIGN KEY (platform_id) REFERENCES platform (id),
  topic text NOT NULL DEFAULT '',
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED',
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED',
  session_date date,
  starts_at text NOT NULL DEFAULT '',
  ends_at text NOT NULL DEFAULT '',
  distinct_school_count bigint,
  distinct_teacher_count bigint,
  state text NOT NULL DEFAULT 'ONLINE_RESEARCH_SESSION_STATE_UNSPECIFIED',
  cancel_reason text NOT NULL DEFAULT '',
  outcome text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX online_research_session_scope ON online_research_session USING gin (scope);
CREATE INDEX online_research_session_alliance_id ON online_research_session (alliance_id, id);
CREATE INDEX online_research_session_host_organisation_id
  ON online_research_session (host_organisation_id, id);
CREATE INDEX online_research_session_online_research_rule_id
  ON online_research_session (online_research_rule_id, id);
CREATE INDEX online_research_session_remote_classroom_pair_id
  ON online_research_session (remote_classroom_pair_id, id);
CREATE INDEX online_research_session_platform_id ON online_research_session (platform_id, id);
CREATE INDEX online_research_session_session_date_order ON online_research_session (session_date, id);
