-- What schools share, with its editions and reviews (D79).

CREATE TABLE resource_item (
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
  title text NOT NULL DEFAULT '',
  summary text NOT NULL DEFAULT '',
  keywords text[] NOT NULL DEFAULT '{}',
  kind text NOT NULL DEFAULT 'RESOURCE_KIND_UNSPECIFIED',
  purpose text NOT NULL DEFAULT 'RESOURCE_PURPOSE_UNSPECIFIED',
  stages text[] NOT NULL DEFAULT '{}',
  grades text[] NOT NULL DEFAULT '{}',
  subjects text[] NOT NULL DEFAULT '{}',
  author_organisation_id uuid,
  author_id text NOT NULL DEFAULT '',
  licence text NOT NULL DEFAULT 'RESOURCE_LICENCE_UNSPECIFIED',
  licence_note text NOT NULL DEFAULT '',
  audience text NOT NULL DEFAULT 'RESOURCE_AUDIENCE_UNSPECIFIED',
  alliance_id uuid,
  level text NOT NULL DEFAULT 'RESOURCE_LEVEL_UNSPECIFIED',
  open_jurisdiction_id uuid,
  open_alliance_id uuid,
  shows_minors boolean NOT NULL DEFAULT false,
  consent_basis text NOT NULL DEFAULT '',
  reviewing_organisation_id uuid,
  review_cycle integer NOT NULL DEFAULT 0,
  required_round_count integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'RESOURCE_STATE_UNSPECIFIED',
  submitted_on date,
  returned_on date,
  return_reason text NOT NULL DEFAULT '',
  reviewed_on date,
  published_on date,
  featured_on date,
  retired_on date,
  retire_reason text NOT NULL DEFAULT '',
  url text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX resource_item_scope ON resource_item USING gin (scope);
CREATE INDEX resource_item_title_order ON resource_item (title COLLATE "C", id);
CREATE INDEX resource_item_author_organisation_id ON resource_item (author_organisation_id, id);
CREATE INDEX resource_item_alliance_id ON resource_item (alliance_id, id);
CREATE INDEX resource_item_open_jurisdiction_id ON resource_item (open_jurisdiction_id, id);
CREATE INDEX resource_item_open_alliance_id ON resource_item (open_alliance_id, id);
CREATE INDEX resource_item_reviewing_organisation_id ON resource_item (reviewing_organisation_id, id);
CREATE INDEX resource_item_published_on_order ON resource_item (published_on, id);

CREATE TABLE resource_version (
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
  CONSTRAINT resource_version_resource_item_id_exists
    FOREIGN KEY (resource_item_id) REFERENCES resource_item (id),
  number integer NOT NULL DEFAULT 0,
  note text NOT NULL DEFAULT '',
  file_ids uuid[] NOT NULL DEFAULT '{}',
  review_cycle integer NOT NULL DEFAULT 0,
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX resource_version_scope ON resource_version USING gin (scope);
CREATE INDEX resource_version_resource_item_id ON resource_version (resource_item_id, id);
CREATE INDEX resource_version_number_order ON resource_version (number, id);
CREATE UNIQUE INDEX resource_version_number_unique
  ON resource_version (resource_item_id, number)
  WHERE delete_time IS NULL;

CREATE TABLE resource_review (
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
  resource_item_id uuid,
  CONSTRAINT resource_review_resource_item_id_exists
    FOREIGN KEY (resource_item_id) REFERENCES resource_item (id),
  reviewer_organisation_id uuid,
  reviewer_id text NOT NULL DEFAULT '',
  verdict text NOT NULL DEFAULT 'REVIEW_VERDICT_UNSPECIFIED',
  score integer NOT NULL DEFAULT 0,
  comment text NOT NULL DEFAULT '',
  reviewed_on date,
  review_cycle integer NOT NULL DEFAULT 0,
  round integer NOT NULL DEFAULT 0,
  author_organisation_id uuid,
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX resource_review_scope ON resource_review USING gin (scope);
CREATE INDEX resource_review_resource_item_id ON resource_review (resource_item_id, id);
CREATE INDEX resource_review_reviewer_organisation_id ON resource_review (reviewer_organisation_id, id);
CREATE INDEX resource_review_author_organisation_id ON resource_review (author_organisation_id, id);
CREATE UNIQUE INDEX resource_review_round_unique
  ON resource_review (resource_item_id, review_cycle, round)
  WHERE delete_time IS NULL;
