-- Where these tables lay when a service last started (design §9). Whoever restores or moves a database by
-- other means than tools/restore changes one of the three; the next start sees it and begins a new epoch.
CREATE TABLE feed_origin (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- Of the cluster: a copy by dump lies in another one.
  system_identifier text NOT NULL,
  -- Of its write-ahead log: every promotion and every recovery to a point in time begins a new one.
  timeline text NOT NULL,
  -- Of the database and of feed_meta: a dump that is read back makes both anew.
  object_ids text NOT NULL,
  seen_at timestamptz NOT NULL
);

-- How far retention has worked, per bucket of the feed: superseded revisions are found by the changes that
-- superseded them, in the order of the feed, so that each change is looked at once and no table is scanned.
CREATE TABLE purge_place (
  bucket smallint PRIMARY KEY,
  history_pos bigint NOT NULL DEFAULT 0
);

-- Nothing is deleted until a while after the horizon rose: who looked at it before reads to the end.
ALTER TABLE feed_meta ADD COLUMN horizon_raised_at timestamptz;
