-- Who writes the facts of a school follows their submission from now on, no longer the school, which may
-- move: rows written before are stamped anew by the background job, one submission at a time.

INSERT INTO restamp_job (job_id, kind, id, create_time)
SELECT gen_random_uuid(), 'fact_submission', id, now() FROM fact_submission;
