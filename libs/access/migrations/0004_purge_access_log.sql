
DO $body$
DECLARE role_name text;
BEGIN
  EXECUTE format($function$
    CREATE FUNCTION access_log_purge(before timestamptz, rows_max integer) RETURNS integer
    LANGUAGE sql SECURITY DEFINER SET search_path = %I, pg_temp AS $purge$
      WITH gone AS (
        DELETE FROM access_log WHERE id IN (
          SELECT id FROM access_log
          WHERE time < least(before, now() - interval '184 days') AND forward_time IS NOT NULL
          ORDER BY time, id LIMIT rows_max FOR UPDATE SKIP LOCKED)
        RETURNING 1)
      SELECT count(*)::integer FROM gone
    $purge$
  $function$, current_schema());
  REVOKE EXECUTE ON FUNCTION access_log_purge FROM PUBLIC;
  FOR role_name IN SELECT DISTINCT pg_get_userbyid(acl.grantee) FROM pg_class, aclexplode(relacl) AS acl
      WHERE pg_class.oid = 'access_log'::regclass AND acl.grantee NOT IN (0, relowner) LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION access_log_purge TO %I', role_name);
  END LOOP;
END
$body$;
