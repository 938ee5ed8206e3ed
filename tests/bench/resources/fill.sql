-- Published items $FROM to $TO with made-up titles, of 2,000 schools in 20 counties, for measuring search.
-- Each is open to its county; $BELOW stands for whoever lies below county 3. The words follow how often they
-- stand in real catalogues: few subjects in most titles, many topics in few.
INSERT INTO resource_item (id, revision, create_time, update_time, bucket, scope, write_scope, title, summary,
                           keywords, kind, purpose, stages, subjects, author_organisation_id, licence,
                           audience, level, open_jurisdiction_id, state, published_on, synthetic)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, now(), now(), 0,
       ARRAY['00000000-0000-7000-8000-000000000001'::uuid, county, school, below_county],
       ARRAY['00000000-0000-7000-8000-000000000001'::uuid, county, school],
       grade || subject || '《' || topic || '》' || form, '围绕' || topic || '设计活动,培养' || aim || ',适合'
         || grade || '学生。' || subject || ' ' || english,
       ARRAY[subject, topic, form], kinds[1 + n % 12], 'RESOURCE_PURPOSE_TEACHING',
       ARRAY[CASE WHEN n % 3 = 0 THEN 'STAGE_JUNIOR' ELSE 'STAGE_PRIMARY' END],
       ARRAY[codes[1 + (n * 7 % 13)::integer]], school, 'RESOURCE_LICENCE_CC_BY', 'RESOURCE_AUDIENCE_COUNTY',
       levels[1 + n % 4], county,
       CASE WHEN n % 10 = 0 THEN 'RESOURCE_STATE_FEATURED' ELSE 'RESOURCE_STATE_PUBLISHED' END,
       date '2016-09-01' + (n * 13 % 3650)::integer, true
FROM (SELECT n, (ARRAY['小学','初中','高中','一年级','二年级','三年级','四年级','五年级','六年级','七年级',
                       '八年级','九年级'])[1 + n * 5 % 12] AS grade,
             (ARRAY['语文','数学','英语','物理','化学','生物','历史','地理','音乐','美术','体育','科学',
                    '道德与法治'])[1 + n * 7 % 13] AS subject,
             topics[1 + (n * 2654435761 % 997)::integer] AS topic,
             (ARRAY['教学设计','导学案','课件','课堂实录','说课稿','教学反思','同课异构','微课','单元作业',
                    '复习课'])[1 + n * 3 % 10] AS form,
             (ARRAY['运算能力','阅读习惯','实验探究','表达能力','合作意识','审美素养','家国情怀'])[1 + n % 7]
               AS aim,
             (ARRAY['reading','fractions','climate','energy','poetry','coding','history'])[1 + n * 11 % 7]
               AS english,
             ('00000000-0000-7000-9000-' || lpad(to_hex(n % 20), 12, '0'))::uuid AS county,
             CASE WHEN n % 20 = 3 THEN '$BELOW'::uuid
               ELSE ('00000000-0000-7000-b000-' || lpad(to_hex(n % 20), 12, '0'))::uuid END AS below_county,
             ('00000000-0000-7000-a000-' || lpad(to_hex(n % 2000), 12, '0'))::uuid AS school,
             ARRAY['RESOURCE_KIND_CASE','RESOURCE_KIND_STUDY_RESULT','RESOURCE_KIND_IDEA',
                   'RESOURCE_KIND_MANAGEMENT_EXPERIENCE','RESOURCE_KIND_COURSE','RESOURCE_KIND_COURSEWARE',
                   'RESOURCE_KIND_TEACHING_DESIGN','RESOURCE_KIND_RECORDED_LESSON','RESOURCE_KIND_PAPER',
                   'RESOURCE_KIND_EXERCISE','RESOURCE_KIND_TOOL','RESOURCE_KIND_OTHER'] AS kinds,
             ARRAY['SUBJECT_CHINESE','SUBJECT_MATHEMATICS','SUBJECT_ENGLISH','SUBJECT_PHYSICS',
                   'SUBJECT_CHEMISTRY','SUBJECT_BIOLOGY','SUBJECT_HISTORY','SUBJECT_GEOGRAPHY',
                   'SUBJECT_MUSIC','SUBJECT_FINE_ART','SUBJECT_PHYSICAL_EDUCATION','SUBJECT_SCIENCE',
                   'SUBJECT_MORALITY_AND_LAW'] AS codes,
             ARRAY['RESOURCE_LEVEL_SCHOOL','RESOURCE_LEVEL_COUNTY','RESOURCE_LEVEL_CITY',
                   'RESOURCE_LEVEL_PROVINCE'] AS levels
      FROM generate_series($FROM::bigint, $TO::bigint) n,
           (SELECT array_agg(chr(19968 + (k * 7919 % 6000)) || chr(19968 + (k * 104729 % 6000))
                             || chr(19968 + (k * 1299709 % 6000)) ORDER BY k) AS topics
            FROM generate_series(1, 997) k) t) rows
