-- Until when a suspended party took part, and from when on a school is the one that it was merged into.
ALTER TABLE registry_membership ADD COLUMN suspended_on date;
ALTER TABLE registry_organisation ADD COLUMN closed_on date;
-- Which schools went into others is asked with every figure of who gives to whom.
CREATE INDEX registry_organisation_replaced ON registry_organisation (id) WHERE replaced_by IS NOT NULL;
-- What is copied already has these days only in the registry: read everything anew. The copy stays readable.
UPDATE registry_consumer_cursor SET cursor = '', snapshot_cursor = '';
