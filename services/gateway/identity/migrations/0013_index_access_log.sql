-- The access log is read by event too. Entries written before forward_time came are to be sent nowhere, and
-- nothing must keep them from being purged.

CREATE INDEX access_log_by_event ON access_log (event, time, id);
UPDATE access_log SET forward_time = time WHERE forward_time IS NULL;
