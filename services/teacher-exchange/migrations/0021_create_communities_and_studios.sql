-- Research communities, leagues and studios (D57, D63, D64).

CREATE TABLE research_community (
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
  kind text NOT NULL DEFAULT 'RESEARCH_COMMUNITY_KIND_UNSPECIFIED',
  jurisdiction_id uuid,
  host_organisation_id uuid,
  league_id uuid,
  CONSTRAINT research_community_league_id_exists FOREIGN KEY (league_id) REFERENCES research_community (id),
  subjects text[] NOT NULL DEFAULT '{}',
  stages text[] NOT NULL DEFAULT '{}',
  functions text[] NOT NULL DEFAULT '{}',
  mode text NOT NULL DEFAULT 'PARTICIPATION_MODE_UNSPECIFIED',
  platform_url text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'GROUP_STATE_UNSPECIFIED',
  founded_on date,
  ended_on date,
  end_reason text NOT NULL DEFAULT '',
  description text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX research_community_scope ON research_community USING gin (scope);
CREATE INDEX research_community_name_order ON research_community (name COLLATE "C", id);
CREATE INDEX research_community_jurisdiction_id ON research_community (jurisdiction_id, id);
CREATE INDEX research_community_host_organisation_id ON research_community (host_organisation_id, id);
CREATE INDEX research_community_league_id ON research_community (league_id, id);
CREATE INDEX research_community_founded_on_order ON research_community (founded_on, id);

CREATE TABLE research_community_member (
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
  research_community_id uuid,
  CONSTRAINT research_community_member_research_community_id_exists FOREIGN KEY (research_community_id)
    REFERENCES research_community (id),
  teacher_id uuid,
  CONSTRAINT research_community_member_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher (id),
  role text NOT NULL DEFAULT 'COMMUNITY_ROLE_UNSPECIFIED',
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED',
  state text NOT NULL DEFAULT 'GROUP_MEMBER_STATE_UNSPECIFIED',
  joined_on date,
  left_on date,
  leave_reason text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX research_community_member_scope ON research_community_member USING gin (scope);
CREATE INDEX research_community_member_research_community_id
  ON research_community_member (research_community_id, id);
CREATE INDEX research_community_member_teacher_id ON research_community_member (teacher_id, id);

CREATE TABLE studio (
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
  kind text NOT NULL DEFAULT 'STUDIO_KIND_UNSPECIFIED',
  host_organisation_id uuid,
  alliance_id uuid,
  level text NOT NULL DEFAULT 'DEVELOPMENT_LEVEL_UNSPECIFIED',
  subjects text[] NOT NULL DEFAULT '{}',
  stages text[] NOT NULL DEFAULT '{}',
  mode text NOT NULL DEFAULT 'PARTICIPATION_MODE_UNSPECIFIED',
  platform_url text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'GROUP_STATE_UNSPECIFIED',
  founded_on date,
  ended_on date,
  end_reason text NOT NULL DEFAULT '',
  description text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX studio_scope ON studio USING gin (scope);
CREATE INDEX studio_name_order ON studio (name COLLATE "C", id);
CREATE INDEX studio_host_organisation_id ON studio (host_organisation_id, id);
CREATE INDEX studio_alliance_id ON studio (alliance_id, id);
CREATE INDEX studio_founded_on_order ON studio (founded_on, id);

CREATE TABLE studio_member (
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
  studio_id uuid,
  CONSTRAINT studio_member_studio_id_exists FOREIGN KEY (studio_id) REFERENCES studio (id),
  teacher_id uuid,
  CONSTRAINT studio_member_teacher_id_exists FOREIGN KEY (teacher_id) REFERENCES teacher (id),
  role text NOT NULL DEFAULT 'STUDIO_ROLE_UNSPECIFIED',
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED',
  state text NOT NULL DEFAULT 'GROUP_MEMBER_STATE_UNSPECIFIED',
  joined_on date,
  left_on date,
  leave_reason text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX studio_member_scope ON studio_member USING gin (scope);
CREATE INDEX studio_member_studio_id ON studio_member (studio_id, id);
CREATE INDEX studio_member_teacher_id ON studio_member (teacher_id, id);

CREATE TABLE studio_campus (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  studio_id uuid,
  CONSTRAINT studio_campus_studio_id_exists FOREIGN KEY (studio_id) REFERENCES studio (id),
  organisation_id uuid,
  covered_from date,
  covered_to date,
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX studio_campus_scope ON studio_campus USING gin (scope);
CREATE INDEX studio_campus_studio_id ON studio_campus (studio_id, id);
CREATE INDEX studio_campus_organisation_id ON studio_campus (organisation_id, id);

CREATE TABLE studio_session (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  studio_id uuid,
  CONSTRAINT studio_session_studio_id_exists FOREIGN KEY (studio_id) REFERENCES studio (id),
  title text NOT NULL DEFAULT '',
  held_on date,
  ended_on date,
  mode text NOT NULL DEFAULT 'PARTICIPATION_MODE_UNSPECIFIED',
  session_count bigint,
  lesson_count bigint,
  distinct_person_count bigint,
  distinct_person_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED',
  person_time_count bigint,
  person_time_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX studio_session_scope ON studio_session USING gin (scope);
CREATE INDEX studio_session_studio_id ON studio_session (studio_id, id);
CREATE INDEX studio_session_held_on_order ON studio_session (held_on, id);
