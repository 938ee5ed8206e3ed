-- Where an organisation belonged before, and when it was closed: figures of past days count it where it was.

ALTER TABLE organisation ADD COLUMN former_jurisdictions jsonb NOT NULL DEFAULT '[]';
ALTER TABLE organisation ADD COLUMN closed_periods jsonb NOT NULL DEFAULT '[]';
-- The few that ever moved: whether a figure of a past day lacks one is asked of them alone.
CREATE INDEX organisation_moved ON organisation (id) WHERE former_jurisdictions <> '[]';
