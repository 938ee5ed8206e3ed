-- What this service follows of alliance-registry: the text is that of libs/feed (FollowingDdl of
-- registry_copy.h).

CREATE TABLE IF NOT EXISTS registry_consumer_cursor (
  consumer text PRIMARY KEY,
  kinds text[] NOT NULL,
  jurisdiction_ids uuid[] NOT NULL,
  cursor text NOT NULL DEFAULT '',
  epochs text NOT NULL DEFAULT '',
  step bigint NOT NULL DEFAULT 0,
  snapshot_step bigint NOT NULL DEFAULT 0,
  snapshot_cursor text NOT NULL DEFAULT '',
  snapshot_estimate bigint NOT NULL DEFAULT 0,
  caught_up_step bigint NOT NULL DEFAULT 0,
  caught_up_time timestamptz
);

CREATE TABLE IF NOT EXISTS registry_consumer_partition (
  consumer text NOT NULL REFERENCES registry_consumer_cursor (consumer) ON DELETE CASCADE,
  number integer NOT NULL,
  token text NOT NULL,
  done boolean NOT NULL DEFAULT false,
  record_count bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (consumer, number)
);

CREATE TABLE IF NOT EXISTS registry_consumer_replaced_bucket (
  consumer text NOT NULL REFERENCES registry_consumer_cursor (consumer) ON DELETE CASCADE,
  service text NOT NULL,
  bucket smallint NOT NULL,
  PRIMARY KEY (consumer, service, bucket)
);

CREATE TABLE IF NOT EXISTS registry_consumer_tombstone (
  consumer text NOT NULL REFERENCES registry_consumer_cursor (consumer) ON DELETE CASCADE,
  kind text NOT NULL,
  id uuid NOT NULL,
  revision bigint NOT NULL,
  service text NOT NULL,
  bucket smallint NOT NULL,
  step bigint NOT NULL,
  PRIMARY KEY (consumer, kind, id)
);

CREATE TABLE IF NOT EXISTS registry_alliance (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  name text NOT NULL DEFAULT '',
  type text NOT NULL DEFAULT 'ALLIANCE_TYPE_UNSPECIFIED',
  jurisdiction_id uuid,
  state text NOT NULL DEFAULT 'ALLIANCE_STATE_UNSPECIFIED',
  active_on date,
  ended_on date,
  replaced_by uuid,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS registry_jurisdiction (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  kind text NOT NULL DEFAULT 'JURISDICTION_KIND_UNSPECIFIED',
  level text NOT NULL DEFAULT 'JURISDICTION_LEVEL_UNSPECIFIED',
  parent_id uuid,
  name text NOT NULL DEFAULT '',
  replaced_by uuid,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS registry_membership (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  alliance_id uuid,
  organisation_id uuid,
  jurisdiction_id uuid,
  role text NOT NULL DEFAULT 'MEMBERSHIP_ROLE_UNSPECIFIED',
  side text NOT NULL DEFAULT 'MEMBERSHIP_SIDE_UNSPECIFIED',
  state text NOT NULL DEFAULT 'MEMBERSHIP_STATE_UNSPECIFIED',
  joined_on date,
  left_on date,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS registry_organisation (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  kind text NOT NULL DEFAULT 'ORGANISATION_KIND_UNSPECIFIED',
  name text NOT NULL DEFAULT '',
  short_name text NOT NULL DEFAULT '',
  jurisdiction_id uuid,
  parent_organisation_id uuid,
  status text NOT NULL DEFAULT 'ORGANISATION_STATUS_UNSPECIFIED',
  school_type text NOT NULL DEFAULT 'SCHOOL_TYPE_UNSPECIFIED',
  stages text[] NOT NULL DEFAULT '{}',
  affiliation text NOT NULL DEFAULT 'AFFILIATION_UNSPECIFIED',
  urban_rural_class text NOT NULL DEFAULT 'URBAN_RURAL_CLASS_UNSPECIFIED',
  quality_tier jsonb NOT NULL DEFAULT '[]',
  replaced_by uuid,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS registry_school_year (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  key text NOT NULL DEFAULT '',
  starts_on date,
  ends_on date,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS registry_term (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  key text NOT NULL DEFAULT '',
  starts_on date,
  ends_on date,
  sync_scope uuid[] NOT NULL,
  sync_write_scope uuid[] NOT NULL,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL
);

CREATE INDEX IF NOT EXISTS registry_jurisdiction_external_ids ON registry_jurisdiction
  USING gin (external_ids jsonb_path_ops);

CREATE INDEX IF NOT EXISTS registry_organisation_external_ids ON registry_organisation
  USING gin (external_ids jsonb_path_ops);

CREATE INDEX IF NOT EXISTS registry_alliance_external_ids ON registry_alliance
  USING gin (external_ids jsonb_path_ops);

CREATE INDEX IF NOT EXISTS registry_school_year_external_ids ON registry_school_year
  USING gin (external_ids jsonb_path_ops);

CREATE INDEX IF NOT EXISTS registry_term_external_ids ON registry_term
  USING gin (external_ids jsonb_path_ops);
