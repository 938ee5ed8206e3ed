
ALTER TABLE access_log ADD COLUMN forward_time timestamptz;
CREATE INDEX access_log_waiting ON access_log (id) WHERE forward_time IS NULL;
DO $body$
DECLARE role_name text;
BEGIN
  FOR role_name IN SELECT DISTINCT pg_get_userbyid(acl.grantee) FROM pg_class, aclexplode(relacl) AS acl
      WHERE pg_class.oid = 'access_log'::regclass AND acl.grantee NOT IN (0, relowner) LOOP
    EXECUTE format('GRANT UPDATE (forward_time) ON access_log TO %I', role_name);
  END LOOP;
END
$body$;
