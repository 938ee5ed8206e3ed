-- SPDX-License-Identifier: Apache-2.0
-- One city with 100 counties, and :count primary schools dealt out to them one after the other, so that the
-- rows of one county lie as far apart as they can. The indexes are made afterwards: the same ones, in less
-- time. Run as superuser with the search_path of the service.
\set ON_ERROR_STOP 1
SET session_replication_role = replica;
SET maintenance_work_mem = '512MB';
\set nation '00000000-0000-7000-8000-000000000001'
\set city '10000000-0000-7000-8000-000000000000'

INSERT INTO jurisdiction (id, revision, create_time, update_time, bucket, scope, write_scope, kind, level,
                          division_code, parent_id, name)
SELECT id, 1, now(), now(), n % 16, scope, scope,
       CASE WHEN n = 0 THEN 'JURISDICTION_KIND_CITY' ELSE 'JURISDICTION_KIND_COUNTY' END,
       CASE WHEN n = 0 THEN 'JURISDICTION_LEVEL_CITY' ELSE 'JURISDICTION_LEVEL_COUNTY' END,
       (610300 + n)::text, CASE WHEN n = 0 THEN :'nation' ELSE :'city' END::uuid, 'county ' || n
FROM generate_series(0, 100) n
CROSS JOIN LATERAL (SELECT ('10000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid AS id) i
CROSS JOIN LATERAL (SELECT array_agg(DISTINCT u ORDER BY u) AS scope
                    FROM unnest(ARRAY[:'nation', :'city', id::text]::uuid[]) u) s;

CREATE TEMP TABLE index_texts AS
SELECT indexname, indexdef FROM pg_indexes
WHERE schemaname = current_schema() AND tablename = 'organisation' AND indexname <> 'organisation_pkey';
SELECT format('DROP INDEX %I', indexname) FROM index_texts \gexec

INSERT INTO organisation (id, revision, create_time, update_time, bucket, scope, write_scope, kind, name,
                          short_name, jurisdiction_id, division_id, status, opened_on, school_code,
                          school_type, stages, ownership, urban_rural_class)
SELECT id, 1, now(), now(), n % 16, scope, scope, 'ORGANISATION_KIND_SCHOOL',
       -- Letters only: a run of digits may look like a person's number, which no text may hold.
       'primary school ' || translate(md5(n::text), '0123456789', 'ghijklmnop'), 'school ' || n,
       county, county, 'ORGANISATION_STATUS_ACTIVE',
       '2000-09-01', '2161' || lpad(n::text, 6, '0'), 'SCHOOL_TYPE_PRIMARY', '{STAGE_PRIMARY}',
       'OWNERSHIP_PUBLIC', 'URBAN_RURAL_CLASS_VILLAGE'
FROM generate_series(0, :count - 1) n
CROSS JOIN LATERAL (SELECT ('20000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid AS id) i
CROSS JOIN LATERAL (
  SELECT ('10000000-0000-7000-8000-' || lpad((n % 100 + 1)::text, 12, '0'))::uuid AS county) c
CROSS JOIN LATERAL (SELECT ARRAY[:'nation', :'city', county::text, id::text]::uuid[] AS scope) s
ORDER BY n;

SELECT indexdef FROM index_texts \gexec
INSERT INTO feed_head (bucket, pos, head_digest)
SELECT n, 0, '\x0000000000000000' FROM generate_series(0, 15) n ON CONFLICT DO NOTHING;
VACUUM (ANALYZE) organisation;
VACUUM (ANALYZE) jurisdiction;
CHECKPOINT;
