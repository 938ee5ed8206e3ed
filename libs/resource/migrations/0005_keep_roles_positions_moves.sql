-- The role in which a person acted stands in the change record beside the person (design §8).
ALTER TABLE change ADD COLUMN acting_role text NOT NULL DEFAULT '';

-- An answer that touched several buckets names the last position of each: bucket, position, bucket, …
ALTER TABLE idempotency ADD COLUMN positions bigint[] NOT NULL DEFAULT '{}';

-- While dependants of a moved record wait for their stamp, what the record lost (lost, of its write scope
-- write_lost) opens none of them any more (design §6). A job that a job made (root_id) only works on: the
-- first one says what was lost.
ALTER TABLE restamp_job ADD COLUMN root_id uuid;
ALTER TABLE restamp_job ADD COLUMN lost uuid[] NOT NULL DEFAULT '{}';
ALTER TABLE restamp_job ADD COLUMN write_lost uuid[] NOT NULL DEFAULT '{}';
CREATE INDEX restamp_job_root ON restamp_job (root_id);

-- Merging what others were merged into: their redirects follow.
CREATE INDEX redirect_new ON redirect (kind, new_id);
