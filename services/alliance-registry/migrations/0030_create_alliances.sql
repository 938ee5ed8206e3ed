-- Alliances, who belongs to them, and their planning periods (D11–D28, D31, D37).

CREATE TABLE alliance (
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
  type text NOT NULL DEFAULT 'ALLIANCE_TYPE_UNSPECIFIED',
  model text NOT NULL DEFAULT 'ALLIANCE_MODEL_UNSPECIFIED',
  group_subtype text NOT NULL DEFAULT 'GROUP_SUBTYPE_UNSPECIFIED',
  legal_form text NOT NULL DEFAULT 'LEGAL_FORM_UNSPECIFIED',
  jurisdiction_id uuid,
  CONSTRAINT alliance_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction (id),
  parent_alliance_id uuid,
  CONSTRAINT alliance_parent_alliance_id_exists FOREIGN KEY (parent_alliance_id) REFERENCES alliance (id),
  generation integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'ALLIANCE_STATE_UNSPECIFIED',
  founded_on date,
  signed_on date,
  filed_on date,
  active_on date,
  assessed_on date,
  renewed_on date,
  ended_on date,
  start_precision text NOT NULL DEFAULT 'DATE_PRECISION_UNSPECIFIED',
  end_reason text NOT NULL DEFAULT '',
  replaced_by uuid,
  CONSTRAINT alliance_replaced_by_exists FOREIGN KEY (replaced_by) REFERENCES alliance (id),
  founding_document text NOT NULL DEFAULT '',
  integrations jsonb NOT NULL DEFAULT '[]',
  features text[] NOT NULL DEFAULT '{}',
  stages text[] NOT NULL DEFAULT '{}',
  division_id uuid,
  CONSTRAINT alliance_division_id_exists FOREIGN KEY (division_id) REFERENCES jurisdiction (id),
  description text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX alliance_scope ON alliance USING gin (scope);
CREATE INDEX alliance_name_order ON alliance (name COLLATE "C", id);
CREATE INDEX alliance_jurisdiction_id ON alliance (jurisdiction_id, id);
CREATE INDEX alliance_parent_alliance_id ON alliance (parent_alliance_id, id);
CREATE INDEX alliance_founded_on_order ON alliance (founded_on, id);
CREATE INDEX alliance_replaced_by ON alliance (replaced_by, id);
CREATE INDEX alliance_division_id ON alliance (division_id, id);

CREATE TABLE membership (
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
  CONSTRAINT membership_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance (id),
  organisation_id uuid,
  CONSTRAINT membership_organisation_id_exists FOREIGN KEY (organisation_id) REFERENCES organisation (id),
  jurisdiction_id uuid,
  CONSTRAINT membership_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction (id),
  role text NOT NULL DEFAULT 'MEMBERSHIP_ROLE_UNSPECIFIED',
  side text NOT NULL DEFAULT 'MEMBERSHIP_SIDE_UNSPECIFIED',
  tier integer NOT NULL DEFAULT 0,
  position integer NOT NULL DEFAULT 0,
  stages text[] NOT NULL DEFAULT '{}',
  generation integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'MEMBERSHIP_STATE_UNSPECIFIED',
  proposed_on date,
  agreed_on date,
  joined_on date,
  suspended_on date,
  suspend_reason text NOT NULL DEFAULT '',
  resumed_on date,
  left_on date,
  end_reason text NOT NULL DEFAULT '',
  start_precision text NOT NULL DEFAULT 'DATE_PRECISION_UNSPECIFIED',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX membership_scope ON membership USING gin (scope);
CREATE INDEX membership_alliance_id ON membership (alliance_id, id);
CREATE INDEX membership_organisation_id ON membership (organisation_id, id);
CREATE INDEX membership_jurisdiction_id ON membership (jurisdiction_id, id);
CREATE INDEX membership_joined_on_order ON membership (joined_on, id);

CREATE TABLE cycle (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  jurisdiction_id uuid,
  CONSTRAINT cycle_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction (id),
  alliance_id uuid,
  CONSTRAINT cycle_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance (id),
  number integer NOT NULL DEFAULT 0,
  name text NOT NULL DEFAULT '',
  starts_on date,
  ends_on date
);
CREATE INDEX cycle_scope ON cycle USING gin (scope);
CREATE INDEX cycle_jurisdiction_id ON cycle (jurisdiction_id, id);
CREATE INDEX cycle_alliance_id ON cycle (alliance_id, id);
