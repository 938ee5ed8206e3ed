-- The root of the tree, 全国: every scope holds it, a grant on it covers the platform, and its id is fixed. It
-- is written as the engine writes: row, feed head, history and change record. `state` is its wire form.

WITH root AS (
  SELECT '00000000-0000-7000-8000-000000000001'::uuid AS id,
         '00000000-0000-7000-8000-000000000002'::uuid AS change_id,
         '2026-01-01T00:00:00Z'::timestamptz AS time,
         (('x' || encode(substr(sha256(uuid_send('00000000-0000-7000-8000-000000000001')), 1, 4),
                          'hex'))::bit(32)::bigint
           % (SELECT buckets FROM feed_meta))::smallint AS bucket
), head AS (
  INSERT INTO feed_head AS h (bucket, pos, head_digest)
  SELECT bucket, 1, substr(sha256('\x0000000000000000'::bytea || uuid_send(change_id) || int8send(1)), 1, 8)
  FROM root
  RETURNING bucket, pos, head_digest
), placed AS (
  INSERT INTO jurisdiction (id, revision, create_time, update_time, bucket, scope, write_scope, kind, level,
                            name)
  SELECT id, 1, time, time, bucket, ARRAY[id], ARRAY[id], 'JURISDICTION_KIND_NATION',
         'JURISDICTION_LEVEL_NATION', '全国'
  FROM root
), history AS (
  INSERT INTO revision (kind, id, revision, time, bucket, pos, state)
  SELECT 'jurisdiction', root.id, 1, root.time, head.bucket, head.pos,
         ('\x0a2430303030303030302d303030302d373030302d383030302d3030303030303030303030311001'
          '1a0322312222060880f2d6ca062a060880f2d6ca06500158017206e585a8e59bbd')::bytea
  FROM root, head
)
INSERT INTO change (bucket, pos, change_id, kind, id, revision, operation, changed_fields, scope_before,
                    scope_after, actor, acting_person, request_id, trace_id, time, commit_last, digest)
SELECT head.bucket, head.pos, root.change_id, 'jurisdiction', root.id, 1, 'CREATE', '{}', '{}',
       ARRAY[root.id], 'platform', '', '', '', root.time, true, head.head_digest
FROM root, head;
