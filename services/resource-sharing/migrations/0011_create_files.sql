-- Files of resource items and lessons, and how much room each organisation has for them (D79).

CREATE TABLE storage_quota (
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
  organisation_id uuid,
  limit_bytes bigint NOT NULL DEFAULT 0,
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX storage_quota_scope ON storage_quota USING gin (scope);
CREATE INDEX storage_quota_jurisdiction_id ON storage_quota (jurisdiction_id, id);
CREATE INDEX storage_quota_organisation_id ON storage_quota (organisation_id, id);
CREATE UNIQUE INDEX storage_quota_organisation_id_unique ON storage_quota (organisation_id)
  WHERE delete_time IS NULL;

CREATE TABLE file (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  organisation_id uuid,
  storage_quota_id uuid,
  CONSTRAINT file_storage_quota_id_exists FOREIGN KEY (storage_quota_id) REFERENCES storage_quota (id),
  name text NOT NULL DEFAULT '',
  content_type text NOT NULL DEFAULT '',
  size_bytes bigint NOT NULL DEFAULT 0,
  sha256 text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'FILE_STATE_UNSPECIFIED',
  stored_time timestamptz,
  shows_minors boolean,
  consent_basis text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX file_scope ON file USING gin (scope);
CREATE INDEX file_organisation_id ON file (organisation_id, id);
CREATE INDEX file_storage_quota_id ON file (storage_quota_id, id);
-- Whether a content is still needed, for the collector.
CREATE INDEX file_sha256 ON file (sha256);
