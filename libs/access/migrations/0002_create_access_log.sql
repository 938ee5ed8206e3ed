
CREATE TABLE access_log (
  id uuid NOT NULL,
  time timestamptz NOT NULL,
  event text NOT NULL,
  client_id text NOT NULL,
  token_id text NOT NULL,
  acting_person text NOT NULL,
  acting_role text NOT NULL,
  method text NOT NULL,
  permission text NOT NULL,
  kind text NOT NULL,
  record_ids text[] NOT NULL,
  reason text NOT NULL,
  peer text NOT NULL,
  request_id text NOT NULL,
  trace_id text NOT NULL,
  CONSTRAINT access_log_key PRIMARY KEY (id)
);
CREATE INDEX access_log_by_time ON access_log (time, id);
CREATE INDEX access_log_by_client ON access_log (client_id, time, id);
DO $body$
DECLARE role_name text;
BEGIN
  FOR role_name IN SELECT DISTINCT pg_get_userbyid(acl.grantee) FROM pg_class, aclexplode(relacl) AS acl
      WHERE pg_class.oid = 'access_log'::regclass AND acl.grantee NOT IN (0, relowner) LOOP
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON access_log FROM %I', role_name);
  END LOOP;
END
$body$;
