-- Places and organisations: one tree of jurisdictions, and every school, bureau, township post and partner.

CREATE TABLE jurisdiction (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  kind text NOT NULL DEFAULT 'JURISDICTION_KIND_UNSPECIFIED',
  level text NOT NULL DEFAULT 'JURISDICTION_LEVEL_UNSPECIFIED',
  division_code text NOT NULL DEFAULT '',
  parent_id uuid,
  CONSTRAINT jurisdiction_parent_id_exists FOREIGN KEY (parent_id) REFERENCES jurisdiction (id),
  name text NOT NULL DEFAULT '',
  former_names jsonb NOT NULL DEFAULT '[]',
  bureau_name text NOT NULL DEFAULT '',
  valid_from date,
  valid_to date,
  replaced_by uuid,
  CONSTRAINT jurisdiction_replaced_by_exists FOREIGN KEY (replaced_by) REFERENCES jurisdiction (id),
  split_from_id uuid,
  CONSTRAINT jurisdiction_split_from_id_exists FOREIGN KEY (split_from_id) REFERENCES jurisdiction (id),
  central_urban jsonb NOT NULL DEFAULT '[]',
  former_codes jsonb NOT NULL DEFAULT '[]',
  remark text NOT NULL DEFAULT ''
);
CREATE INDEX jurisdiction_scope ON jurisdiction USING gin (scope);
CREATE INDEX jurisdiction_division_code_order ON jurisdiction (division_code COLLATE "C", id);
CREATE INDEX jurisdiction_parent_id ON jurisdiction (parent_id, id);
CREATE INDEX jurisdiction_name_order ON jurisdiction (name COLLATE "C", id);
CREATE INDEX jurisdiction_replaced_by ON jurisdiction (replaced_by, id);
CREATE INDEX jurisdiction_split_from_id ON jurisdiction (split_from_id, id);
CREATE UNIQUE INDEX jurisdiction_division_code_unique ON jurisdiction (division_code)
  WHERE delete_time IS NULL AND division_code <> '';

CREATE TABLE organisation (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  kind text NOT NULL DEFAULT 'ORGANISATION_KIND_UNSPECIFIED',
  name text NOT NULL DEFAULT '',
  short_name text NOT NULL DEFAULT '',
  former_names jsonb NOT NULL DEFAULT '[]',
  jurisdiction_id uuid,
  CONSTRAINT organisation_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction (id),
  division_id uuid,
  CONSTRAINT organisation_division_id_exists FOREIGN KEY (division_id) REFERENCES jurisdiction (id),
  township_id uuid,
  CONSTRAINT organisation_township_id_exists FOREIGN KEY (township_id) REFERENCES jurisdiction (id),
  parent_organisation_id uuid,
  CONSTRAINT organisation_parent_organisation_id_exists
    FOREIGN KEY (parent_organisation_id) REFERENCES organisation (id),
  status text NOT NULL DEFAULT 'ORGANISATION_STATUS_UNSPECIFIED',
  opened_on date,
  closed_on date,
  school_code text NOT NULL DEFAULT '',
  social_credit_code text NOT NULL DEFAULT '',
  school_type text NOT NULL DEFAULT 'SCHOOL_TYPE_UNSPECIFIED',
  stages text[] NOT NULL DEFAULT '{}',
  ownership text NOT NULL DEFAULT 'OWNERSHIP_UNSPECIFIED',
  operator_type text NOT NULL DEFAULT 'OPERATOR_TYPE_UNSPECIFIED',
  sponsor text NOT NULL DEFAULT '',
  affiliation text NOT NULL DEFAULT 'AFFILIATION_UNSPECIFIED',
  urban_rural_class text NOT NULL DEFAULT 'URBAN_RURAL_CLASS_UNSPECIFIED',
  boarding text NOT NULL DEFAULT 'BOARDING_UNSPECIFIED',
  quality_tier jsonb NOT NULL DEFAULT '[]',
  is_new jsonb NOT NULL DEFAULT '[]',
  is_small jsonb NOT NULL DEFAULT '[]',
  is_urban_village jsonb NOT NULL DEFAULT '[]',
  legal_entity jsonb NOT NULL DEFAULT '[]',
  funding_channel jsonb NOT NULL DEFAULT '[]',
  legal_representative text NOT NULL DEFAULT '',
  longitude double precision,
  latitude double precision,
  coordinate_system text NOT NULL DEFAULT 'COORDINATE_SYSTEM_UNSPECIFIED',
  special_education_tier text NOT NULL DEFAULT 'SPECIAL_EDUCATION_TIER_UNSPECIFIED',
  duties text[] NOT NULL DEFAULT '{}',
  liaison_unit text NOT NULL DEFAULT '',
  partner_kind text NOT NULL DEFAULT 'PARTNER_KIND_UNSPECIFIED',
  cooperation_fields text[] NOT NULL DEFAULT '{}',
  replaced_by uuid,
  CONSTRAINT organisation_replaced_by_exists FOREIGN KEY (replaced_by) REFERENCES organisation (id),
  split_from_id uuid,
  CONSTRAINT organisation_split_from_id_exists FOREIGN KEY (split_from_id) REFERENCES organisation (id),
  former_codes jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false,
  remark text NOT NULL DEFAULT ''
);
CREATE INDEX organisation_scope ON organisation USING gin (scope);
CREATE INDEX organisation_name_order ON organisation (name COLLATE "C", id);
CREATE INDEX organisation_jurisdiction_id ON organisation (jurisdiction_id, id);
CREATE INDEX organisation_division_id ON organisation (division_id, id);
CREATE INDEX organisation_township_id ON organisation (township_id, id);
CREATE INDEX organisation_parent_organisation_id ON organisation (parent_organisation_id, id);
CREATE INDEX organisation_school_code_order ON organisation (school_code COLLATE "C", id);
CREATE INDEX organisation_replaced_by ON organisation (replaced_by, id);
CREATE INDEX organisation_split_from_id ON organisation (split_from_id, id);
CREATE UNIQUE INDEX organisation_school_code_unique ON organisation (school_code)
  WHERE delete_time IS NULL AND school_code <> '';
CREATE UNIQUE INDEX organisation_social_credit_code_unique ON organisation (social_credit_code)
  WHERE delete_time IS NULL AND social_credit_code <> '';
-- Whether a code was another school's before: no code is given twice.
-- Of the few that have any: no update of another touches it, and no look-up reads what waits to be sorted in.
CREATE INDEX organisation_former_codes ON organisation USING gin (former_codes jsonb_path_ops)
  WHERE former_codes <> '[]';
