-- The newest first, and last what was imported without its day of publication.
DROP INDEX resource_item_newest;
CREATE INDEX resource_item_newest ON resource_item (published_on DESC NULLS LAST, id DESC)
  WHERE delete_time IS NULL AND state IN ('RESOURCE_STATE_PUBLISHED', 'RESOURCE_STATE_FEATURED');
