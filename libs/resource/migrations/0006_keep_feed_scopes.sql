-- What the scope hash in a cursor stands for: what its reader could see when it was made. Looked up when the
-- reader's grants have changed, to tell what came and what went (design §6).
CREATE TABLE feed_scope (
  scope_hash bytea PRIMARY KEY,
  -- As libs/feed/scopes.h writes it.
  description text NOT NULL,
  -- The last business date on which a cursor with it was given out; kept as long as cursors may be used.
  used_on date NOT NULL
);
