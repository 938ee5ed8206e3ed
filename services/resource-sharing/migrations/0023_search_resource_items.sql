-- Words for search. Chinese is written without spaces: a run of letters outside ASCII becomes its letters and
-- its pairs of letters. Latin letters and digits are words as they stand, found by their beginning, up to 16
-- letters of it: a prefix query would read the whole range of the index. Words of the title stand once more
-- behind "t/", so that what has them there comes first. Both functions name nothing outside pg_catalog: a
-- restored dump has no search_path.

CREATE FUNCTION resource_search_vector(title text, summary text, keywords text[]) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  parts CONSTANT text[] := ARRAY[title, array_to_string(keywords, ' '), left(summary, 600)];
  terms text[] := '{}';
  run text;
  latin boolean;
BEGIN
  FOR part IN 1..3 LOOP
    FOR run IN
      SELECT m[1] FROM regexp_matches(
        lower(normalize(parts[part], NFKC)),
        '[a-z0-9]+|[^\u0001-\u007f\u2000-\u206f\u3000-\u303f\uff00-\uffef]+', 'g') m
    LOOP
      latin := run ~ '^[a-z0-9]';
      FOR i IN 1..CASE WHEN latin THEN least(length(run), 16) ELSE length(run) END LOOP
        terms := array_append(terms, CASE WHEN latin THEN left(run, i) ELSE substr(run, i, 1) END);
        IF NOT latin THEN terms := array_append(terms, substr(run, i, 2)); END IF;
      END LOOP;
    END LOOP;
    IF part = 1 THEN
      terms := terms || ARRAY(SELECT 't/' || term FROM unnest(terms) term);
    END IF;
  END LOOP;
  RETURN array_to_tsvector(terms);
END $$;

-- All words of what somebody looks for, each behind the prefix; NULL if there is none in it.
CREATE FUNCTION resource_search_query(given text, prefix text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  terms text[] := '{}';
  run text;
BEGIN
  FOR run IN
    SELECT m[1] FROM regexp_matches(
      lower(normalize(given, NFKC)),
      '[a-z0-9]+|[^\u0001-\u007f\u2000-\u206f\u3000-\u303f\uff00-\uffef]+', 'g') m
  LOOP
    IF run ~ '^[a-z0-9]' OR length(run) = 1 THEN
      terms := array_append(terms, '''' || prefix || left(run, 16) || '''');
    ELSE
      FOR i IN 1..length(run) - 1 LOOP
        terms := array_append(terms, '''' || prefix || substr(run, i, 2) || '''');
      END LOOP;
    END IF;
  END LOOP;
  RETURN nullif(array_to_string(terms, ' & '), '')::tsquery;
END $$;

ALTER TABLE resource_item ADD COLUMN search_vector tsvector
  GENERATED ALWAYS AS (resource_search_vector(title, summary, keywords)) STORED;
-- With who may read it in the same index: words that are common and readers who see little meet there, not in
-- the rows.
CREATE INDEX resource_item_search_vector ON resource_item USING gin (search_vector, scope)
  WHERE delete_time IS NULL AND state IN ('RESOURCE_STATE_PUBLISHED', 'RESOURCE_STATE_FEATURED');
CREATE INDEX resource_item_newest ON resource_item (published_on, id)
  WHERE delete_time IS NULL AND state IN ('RESOURCE_STATE_PUBLISHED', 'RESOURCE_STATE_FEATURED');
