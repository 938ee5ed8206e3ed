-- What every call looks up of its caller: the alliances in which an organisation or a place has a part, and
-- what was merged into a place (libs/resource/audience.h).

CREATE INDEX registry_membership_organisation_id ON registry_membership (organisation_id, id);
CREATE INDEX registry_membership_jurisdiction_id ON registry_membership (jurisdiction_id, id);
CREATE INDEX registry_membership_alliance_id ON registry_membership (alliance_id, id);
CREATE INDEX registry_jurisdiction_replaced_by ON registry_jurisdiction (replaced_by, id);
CREATE INDEX registry_alliance_replaced_by ON registry_alliance (replaced_by, id);
