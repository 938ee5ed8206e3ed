-- What schools did with it and what they think of it (D79, I13).

CREATE TABLE resource_use (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  resource_item_id uuid,
  CONSTRAINT resource_use_resource_item_id_exists
    FOREIGN KEY (resource_item_id) REFERENCES resource_item (id),
  consumer_organisation_id uuid,
  purpose text NOT NULL DEFAULT 'USE_PURPOSE_UNSPECIFIED',
  used_on date,
  use_count integer NOT NULL DEFAULT 0,
  person_time_count integer NOT NULL DEFAULT 0,
  author_organisation_id uuid,
  cross_school boolean NOT NULL DEFAULT false,
  note text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX resource_use_scope ON resource_use USING gin (scope);
CREATE INDEX resource_use_resource_item_id ON resource_use (resource_item_id, id);
CREATE INDEX resource_use_consumer_organisation_id ON resource_use (consumer_organisation_id, id);
CREATE INDEX resource_use_used_on_order ON resource_use (used_on, id);
CREATE INDEX resource_use_author_organisation_id ON resource_use (author_organisation_id, id);

CREATE TABLE resource_rating (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  resource_item_id uuid,
  CONSTRAINT resource_rating_resource_item_id_exists
    FOREIGN KEY (resource_item_id) REFERENCES resource_item (id),
  consumer_organisation_id uuid,
  stars integer NOT NULL DEFAULT 0,
  comment text NOT NULL DEFAULT '',
  rated_on date,
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX resource_rating_scope ON resource_rating USING gin (scope);
CREATE INDEX resource_rating_resource_item_id ON resource_rating (resource_item_id, id);
CREATE INDEX resource_rating_consumer_organisation_id ON resource_rating (consumer_organisation_id, id);
CREATE UNIQUE INDEX resource_rating_school_unique
  ON resource_rating (resource_item_id, consumer_organisation_id)
  WHERE delete_time IS NULL;
