-- What identity follows of alliance-registry: the records that grants and clients name. The text is that of
-- libs/feed (FollowingDdl of registry_follower.h); identity_test holds it.

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
  replaced_by uuid,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS registry_alliance_former (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  replaced_by uuid,
  from_step bigint NOT NULL,
  to_step bigint NOT NULL,
  PRIMARY KEY (id, from_step)
);

CREATE TABLE IF NOT EXISTS registry_jurisdiction (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  replaced_by uuid,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS registry_jurisdiction_former (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  replaced_by uuid,
  from_step bigint NOT NULL,
  to_step bigint NOT NULL,
  PRIMARY KEY (id, from_step)
);

CREATE TABLE IF NOT EXISTS registry_organisation (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  replaced_by uuid,
  sync_service text NOT NULL,
  sync_bucket smallint NOT NULL,
  sync_step bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS registry_organisation_former (
  id uuid NOT NULL,
  revision bigint NOT NULL,
  replaced_by uuid,
  from_step bigint NOT NULL,
  to_step bigint NOT NULL,
  PRIMARY KEY (id, from_step)
);
