-- Clouds above this platform, platforms that stand on them, and what the clouds count (D78, D85).

CREATE TABLE upstream_cloud (
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
  source_system text NOT NULL DEFAULT '',
  owner_organisation_id uuid,
  level text NOT NULL DEFAULT 'UPSTREAM_LEVEL_UNSPECIFIED',
  url text NOT NULL DEFAULT '',
  sync_state text NOT NULL DEFAULT 'UPSTREAM_SYNC_STATE_UNSPECIFIED',
  linked_on date,
  pause_reason text NOT NULL DEFAULT '',
  unlinked_on date,
  unlink_reason text NOT NULL DEFAULT '',
  last_import_time timestamptz,
  last_imported_count bigint NOT NULL DEFAULT 0,
  last_refused_count bigint NOT NULL DEFAULT 0,
  last_error text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX upstream_cloud_scope ON upstream_cloud USING gin (scope);
CREATE INDEX upstream_cloud_owner_organisation_id ON upstream_cloud (owner_organisation_id, id);
CREATE UNIQUE INDEX upstream_cloud_source_system_unique
  ON upstream_cloud (source_system)
  WHERE delete_time IS NULL AND source_system <> '';

CREATE TABLE platform (
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
  kind text NOT NULL DEFAULT 'PLATFORM_KIND_UNSPECIFIED',
  inner_kinds text[] NOT NULL DEFAULT '{}',
  owner_organisation_id uuid,
  alliance_id uuid,
  upstream_cloud_id uuid,
  CONSTRAINT platform_upstream_cloud_id_exists FOREIGN KEY (upstream_cloud_id) REFERENCES upstream_cloud (id),
  url text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'PLATFORM_STATE_UNSPECIFIED',
  online_on date,
  offline_on date,
  offline_reason text NOT NULL DEFAULT '',
  description text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX platform_scope ON platform USING gin (scope);
CREATE INDEX platform_owner_organisation_id ON platform (owner_organisation_id, id);
CREATE INDEX platform_alliance_id ON platform (alliance_id, id);
CREATE INDEX platform_upstream_cloud_id ON platform (upstream_cloud_id, id);

CREATE TABLE upstream_use (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  upstream_cloud_id uuid,
  CONSTRAINT upstream_use_upstream_cloud_id_exists
    FOREIGN KEY (upstream_cloud_id) REFERENCES upstream_cloud (id),
  school_id uuid,
  jurisdiction_id uuid,
  period_from date,
  period_to date,
  visit_count bigint,
  use_count bigint,
  download_count bigint,
  distinct_user_count bigint,
  item_count bigint,
  evidence jsonb NOT NULL DEFAULT '[]',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX upstream_use_scope ON upstream_use USING gin (scope);
CREATE INDEX upstream_use_upstream_cloud_id ON upstream_use (upstream_cloud_id, id);
CREATE INDEX upstream_use_school_id ON upstream_use (school_id, id);
CREATE INDEX upstream_use_jurisdiction_id ON upstream_use (jurisdiction_id, id);
CREATE INDEX upstream_use_period_from_order ON upstream_use (period_from, id);
-- Periods of one user are compared under the cloud's row.
CREATE INDEX upstream_use_period ON upstream_use (upstream_cloud_id, school_id, jurisdiction_id, period_from);
