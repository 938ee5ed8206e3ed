-- Bodies that lead alliance work and persons in roles (D29, D30, D32).

CREATE TABLE governing_body (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  kind text NOT NULL DEFAULT 'GOVERNING_BODY_KIND_UNSPECIFIED',
  name text NOT NULL DEFAULT '',
  level text NOT NULL DEFAULT 'GOVERNANCE_LEVEL_UNSPECIFIED',
  jurisdiction_id uuid,
  CONSTRAINT governing_body_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction (id),
  alliance_id uuid,
  CONSTRAINT governing_body_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance (id),
  office_organisation_id uuid,
  CONSTRAINT governing_body_office_organisation_id_exists
    FOREIGN KEY (office_organisation_id) REFERENCES organisation (id),
  seats jsonb NOT NULL DEFAULT '[]',
  duties text NOT NULL DEFAULT '',
  since_on date,
  ended_on date,
  evidence jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX governing_body_scope ON governing_body USING gin (scope);
CREATE INDEX governing_body_jurisdiction_id ON governing_body (jurisdiction_id, id);
CREATE INDEX governing_body_alliance_id ON governing_body (alliance_id, id);
CREATE INDEX governing_body_office_organisation_id ON governing_body (office_organisation_id, id);

CREATE TABLE role_holder (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  person_ref text NOT NULL DEFAULT '',
  role text NOT NULL DEFAULT 'HOLDER_ROLE_UNSPECIFIED',
  organisation_id uuid,
  CONSTRAINT role_holder_organisation_id_exists FOREIGN KEY (organisation_id) REFERENCES organisation (id),
  alliance_id uuid,
  CONSTRAINT role_holder_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance (id),
  governing_body_id uuid,
  CONSTRAINT role_holder_governing_body_id_exists
    FOREIGN KEY (governing_body_id) REFERENCES governing_body (id),
  from_on date,
  to_on date,
  remark text NOT NULL DEFAULT ''
);
CREATE INDEX role_holder_scope ON role_holder USING gin (scope);
CREATE INDEX role_holder_organisation_id ON role_holder (organisation_id, id);
CREATE INDEX role_holder_alliance_id ON role_holder (alliance_id, id);
CREATE INDEX role_holder_governing_body_id ON role_holder (governing_body_id, id);
