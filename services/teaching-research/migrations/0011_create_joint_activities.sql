-- What alliances do together, and who takes part in it (D42–D47, D69).

CREATE TABLE joint_activity (
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
  category text NOT NULL DEFAULT 'JOINT_ACTIVITY_CATEGORY_UNSPECIFIED',
  type text NOT NULL DEFAULT 'JOINT_ACTIVITY_TYPE_UNSPECIFIED',
  title text NOT NULL DEFAULT '',
  term_id uuid,
  starts_on date,
  ends_on date,
  host_organisation_id uuid,
  host_jurisdiction_id uuid,
  mode text NOT NULL DEFAULT 'JOINT_ACTIVITY_MODE_UNSPECIFIED',
  venue text NOT NULL DEFAULT '',
  stages text[] NOT NULL DEFAULT '{}',
  grades text[] NOT NULL DEFAULT '{}',
  subjects text[] NOT NULL DEFAULT '{}',
  state text NOT NULL DEFAULT 'JOINT_ACTIVITY_STATE_UNSPECIFIED',
  authority_jurisdiction_id uuid,
  reported_on date,
  verified_on date,
  reject_reason text NOT NULL DEFAULT '',
  cancel_reason text NOT NULL DEFAULT '',
  session_count bigint,
  session_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED',
  day_count bigint,
  day_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED',
  lesson_count bigint,
  lesson_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED',
  distinct_person_count bigint,
  distinct_person_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED',
  person_time_count bigint,
  person_time_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED',
  pupil_count bigint,
  pupil_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED',
  description text NOT NULL DEFAULT '',
  outcome text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX joint_activity_scope ON joint_activity USING gin (scope);
CREATE INDEX joint_activity_alliance_id ON joint_activity (alliance_id, id);
CREATE INDEX joint_activity_term_id ON joint_activity (term_id, id);
CREATE INDEX joint_activity_starts_on_order ON joint_activity (starts_on, id);
CREATE INDEX joint_activity_host_organisation_id ON joint_activity (host_organisation_id, id);
CREATE INDEX joint_activity_host_jurisdiction_id ON joint_activity (host_jurisdiction_id, id);
CREATE INDEX joint_activity_authority_jurisdiction_id ON joint_activity (authority_jurisdiction_id, id);

CREATE TABLE activity_party (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  joint_activity_id uuid,
  CONSTRAINT activity_party_joint_activity_id_exists
    FOREIGN KEY (joint_activity_id) REFERENCES joint_activity (id),
  organisation_id uuid,
  jurisdiction_id uuid,
  state text NOT NULL DEFAULT 'ACTIVITY_PARTY_STATE_UNSPECIFIED',
  confirmed_on date,
  decline_reason text NOT NULL DEFAULT '',
  withdraw_reason text NOT NULL DEFAULT '',
  distinct_person_count bigint,
  distinct_person_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED',
  person_time_count bigint,
  person_time_count_comparison text NOT NULL DEFAULT 'COMPARISON_UNSPECIFIED',
  remark text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX activity_party_scope ON activity_party USING gin (scope);
CREATE INDEX activity_party_joint_activity_id ON activity_party (joint_activity_id, id);
CREATE INDEX activity_party_organisation_id ON activity_party (organisation_id, id);
CREATE INDEX activity_party_jurisdiction_id ON activity_party (jurisdiction_id, id);
CREATE UNIQUE INDEX activity_party_organisation_unique
  ON activity_party (joint_activity_id, organisation_id) WHERE delete_time IS NULL;
CREATE UNIQUE INDEX activity_party_jurisdiction_unique
  ON activity_party (joint_activity_id, jurisdiction_id) WHERE delete_time IS NULL;

-- Whether a place verifies itself, and which party of an alliance somebody belongs to.
CREATE INDEX registry_membership_alliance_id ON registry_membership (alliance_id);
