-- Imports and exports that run in several services under one id of the gateway's. The jobs themselves and
-- what they know stand in the services; ids of deleted jobs lead nowhere, so rows may outlive them.

CREATE TABLE job_group (
  id uuid PRIMARY KEY,
  client_id text NOT NULL,
  -- "service:id", in the order of the services.
  parts text[] NOT NULL,
  create_time timestamptz NOT NULL
);
CREATE INDEX job_group_by_create_time ON job_group (create_time);
