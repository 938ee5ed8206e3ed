-- Ids in other systems of records whose person was erased, as keyed hashes: the person does not come back
-- under them, and nobody can read who it was. The key is the installation's oldest token_secret, which
-- restores keep.
CREATE TABLE erased_external_id (
  kind text NOT NULL,
  digest bytea NOT NULL,
  PRIMARY KEY (kind, digest)
);
