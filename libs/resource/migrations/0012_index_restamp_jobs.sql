-- A followed service that moves a place moves thousands of records at once, each with a job of its own.
CREATE INDEX restamp_job_record ON restamp_job (kind, id) WHERE root_id IS NULL;
CREATE INDEX restamp_job_order ON restamp_job (create_time, job_id);
