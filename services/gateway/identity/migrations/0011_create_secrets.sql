-- What proves who calls. Hashes and sealed keys only; nothing here is of use without the master key.

CREATE TABLE client_secret (
  id uuid PRIMARY KEY,
  client_id uuid NOT NULL CONSTRAINT client_secret_client REFERENCES client (id),
  -- First part of the secret: says which hash to check, so that a guess costs the same whatever it hits.
  selector text NOT NULL CONSTRAINT client_secret_selector UNIQUE,
  hash text NOT NULL,
  create_time timestamptz NOT NULL,
  revoke_time timestamptz
);
CREATE INDEX client_secret_by_client ON client_secret (client_id);

CREATE TABLE signing_key (
  key_id text PRIMARY KEY,
  sealed bytea NOT NULL,
  x bytea NOT NULL,
  y bytea NOT NULL,
  active_time timestamptz NOT NULL
);

-- Raised by every change of the tables above; with the feed's heads it tells a process whether to read again.
-- Its row lock puts changes of secrets and keys in order.
CREATE TABLE identity_stamp (
  only_row boolean PRIMARY KEY CHECK (only_row),
  version bigint NOT NULL
);
INSERT INTO identity_stamp VALUES (true, 0);
