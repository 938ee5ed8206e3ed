-- Who may call and what they may do; see proto/lianqiao/identity/v1/client.proto and grant.proto.

CREATE TABLE client (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  label text NOT NULL DEFAULT '',
  organisation_id uuid,
  contact_role text NOT NULL DEFAULT '',
  disabled boolean NOT NULL DEFAULT false,
  requests_per_second integer NOT NULL DEFAULT 0,
  request_burst integer NOT NULL DEFAULT 0,
  concurrent_requests integer NOT NULL DEFAULT 0,
  is_service boolean NOT NULL DEFAULT false
);
CREATE INDEX client_scope ON client USING gin (scope);

CREATE TABLE access_grant (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  client_id uuid NOT NULL CONSTRAINT access_grant_client_id_reference REFERENCES client (id),
  permission text NOT NULL DEFAULT '',
  scope_kind text NOT NULL DEFAULT 'GRANT_SCOPE_KIND_UNSPECIFIED',
  scope_id uuid,
  source_systems text[] NOT NULL DEFAULT '{}',
  valid_from timestamptz,
  valid_to timestamptz
);
CREATE INDEX access_grant_scope ON access_grant USING gin (scope);
CREATE INDEX access_grant_client_id ON access_grant (client_id, id);
