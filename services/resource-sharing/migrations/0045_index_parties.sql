-- Who takes part in an alliance is asked by every lesson, reception and research session.
CREATE INDEX IF NOT EXISTS registry_membership_alliance_id ON registry_membership (alliance_id, id);
-- The pairs of schools that remote classrooms should cover.
CREATE INDEX registry_alliance_school_pair ON registry_alliance (id) WHERE type = 'ALLIANCE_TYPE_SCHOOL_PAIR';
