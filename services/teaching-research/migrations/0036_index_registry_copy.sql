-- With every call it is asked what the caller lies below, and which alliances its places take part in.
CREATE INDEX registry_membership_organisation_id ON registry_membership (organisation_id, id);
CREATE INDEX registry_membership_jurisdiction_id ON registry_membership (jurisdiction_id, id);
CREATE INDEX registry_jurisdiction_replaced_by ON registry_jurisdiction (replaced_by, id);
CREATE INDEX registry_alliance_replaced_by ON registry_alliance (replaced_by, id);
CREATE INDEX registry_organisation_replaced_by ON registry_organisation (replaced_by, id);
