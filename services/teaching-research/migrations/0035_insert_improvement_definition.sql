-- How the platform computes an improvement coefficient, version lianqiao-1. Its id is fixed, so that the
-- program can name it. It is written as the engine writes: row, feed head, history and change record; `state`
-- is the wire form of the same.

WITH definition AS (
  SELECT '00000000-0000-7000-8000-000000000101'::uuid AS id,
         '00000000-0000-7000-8000-000000000102'::uuid AS change_id,
         '2026-01-01T00:00:00Z'::timestamptz AS time,
         (('x' || encode(substr(sha256(uuid_send('00000000-0000-7000-8000-000000000101')), 1, 4),
                          'hex'))::bit(32)::bigint
           % (SELECT buckets FROM feed_meta))::smallint AS bucket
), head AS (
  INSERT INTO feed_head AS h (bucket, pos, head_digest)
  SELECT bucket, 1, substr(sha256('\x0000000000000000'::bytea || uuid_send(change_id) || int8send(1)), 1, 8)
  FROM definition
  RETURNING bucket, pos, head_digest
), placed AS (
  INSERT INTO improvement_definition (id, revision, create_time, update_time, bucket, scope, write_scope,
                                      version, origin, name, words, formula, source, value_unit, valid_from)
  SELECT id, 1, time, time, bucket, '{}', '{}',
         'lianqiao-1', 'DEFINITION_ORIGIN_BUILT_IN', '联桥增值系数',
         '同一届学生先后两次统一测试。某校某学科在每次测试中的位置,是该校'
          '平均分与全体参测学生平均分之差除以全体标准差;后一次的位置减去前'
          '一次的位置,即为该校该学科的增值。对象(学校、联盟或辖区)的提升'
          '系数,是其各校各学科增值按后一次参测人数加权的平均数:0 表示与'
          '全体同步,正值表示相对进步,单位为标准差。参测不足10人的学校、'
          '参测学校不足3所或缺少标准差的学科不计。系数不是名次,不涉及任何'
          '教师和学生个人。',
         'z(t,s,k) = (mean(t,s,k) - M(t,k)) / S(t,k); gain(s,k) = z(outcome,s,k) - z(baseline,s,k); '
          'coefficient = sum(n(outcome,s,k) * gain(s,k)) / sum(n(outcome,s,k)); M(t,k) = sum(n*mean) '
          '/ sum(n); S(t,k)^2 = sum(n*(sd^2 + (mean-M)^2)) / sum(n); n >= 10; schools >= 3',
         '联桥平台', '标准差', '2026-01-01'
  FROM definition
), history AS (
  INSERT INTO revision (kind, id, revision, time, bucket, pos, state)
  SELECT 'improvement_definition', definition.id, 1, definition.time, head.bucket, head.pos,
         ('\x0a2430303030303030302d303030302d373030302d383030302d30303030303030303031303110011a03223122220608'
          '80f2d6ca062a060880f2d6ca06520a6c69616e7169616f2d3158016212e88194e6a1a5e5a29ee580bce7b3bbe695b06a'
          'ba04e5908ce4b880e5b18ae5ada6e7949fe58588e5908ee4b8a4e6aca1e7bb9fe4b880e6b58be8af95e38082e69f90e6'
          'a0a1e69f90e5ada6e7a791e59ca8e6af8fe6aca1e6b58be8af95e4b8ade79a84e4bd8de7bdae2ce698afe8afa5e6a0a1'
          'e5b9b3e59d87e58886e4b88ee585a8e4bd93e58f82e6b58be5ada6e7949fe5b9b3e59d87e58886e4b98be5b7aee999a4'
          'e4bba5e585a8e4bd93e6a087e58786e5b7ae3be5908ee4b880e6aca1e79a84e4bd8de7bdaee5878fe58ebbe5898de4b8'
          '80e6aca1e79a84e4bd8de7bdae2ce58db3e4b8bae8afa5e6a0a1e8afa5e5ada6e7a791e79a84e5a29ee580bce38082e5'
          'afb9e8b1a128e5ada6e6a0a1e38081e88194e79b9fe68896e8be96e58cba29e79a84e68f90e58d87e7b3bbe695b02ce6'
          '98afe585b6e59084e6a0a1e59084e5ada6e7a791e5a29ee580bce68c89e5908ee4b880e6aca1e58f82e6b58be4babae6'
          '95b0e58aa0e69d83e79a84e5b9b3e59d87e695b03a3020e8a1a8e7a4bae4b88ee585a8e4bd93e5908ce6ada52ce6ada3'
          'e580bce8a1a8e7a4bae79bb8e5afb9e8bf9be6ada52ce58d95e4bd8de4b8bae6a087e58786e5b7aee38082e58f82e6b5'
          '8be4b88de8b6b33130e4babae79a84e5ada6e6a0a1e38081e58f82e6b58be5ada6e6a0a1e4b88de8b6b333e68980e688'
          '96e7bcbae5b091e6a087e58786e5b7aee79a84e5ada6e7a791e4b88de8aea1e38082e7b3bbe695b0e4b88de698afe590'
          '8de6aca12ce4b88de6b689e58f8ae4bbbbe4bd95e69599e5b888e5928ce5ada6e7949fe4b8aae4babae380827283027a'
          '28742c732c6b29203d20286d65616e28742c732c6b29202d204d28742c6b2929202f205328742c6b293b206761696e28'
          '732c6b29203d207a286f7574636f6d652c732c6b29202d207a28626173656c696e652c732c6b293b20636f6566666963'
          '69656e74203d2073756d286e286f7574636f6d652c732c6b29202a206761696e28732c6b2929202f2073756d286e286f'
          '7574636f6d652c732c6b29293b204d28742c6b29203d2073756d286e2a6d65616e29202f2073756d286e293b20532874'
          '2c6b295e32203d2073756d286e2a2873645e32202b20286d65616e2d4d295e322929202f2073756d286e293b206e203e'
          '3d2031303b207363686f6f6c73203e3d20337a0ce88194e6a1a5e5b9b3e58fb0820109e6a087e58786e5b7ae8a010a32'
          '3032362d30312d3031')::bytea
  FROM definition, head
)
INSERT INTO change (bucket, pos, change_id, kind, id, revision, operation, changed_fields, scope_before,
                    scope_after, actor, acting_person, request_id, trace_id, time, commit_last, digest)
SELECT head.bucket, head.pos, definition.change_id, 'improvement_definition', definition.id, 1, 'CREATE',
       '{}', '{}', '{}', 'platform', '', '', '', definition.time, true, head.head_digest
FROM definition, head;
