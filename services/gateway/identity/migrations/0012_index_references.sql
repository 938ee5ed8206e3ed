-- Whose clients, and which grants on a place: every reference has an index, also one into another service.

CREATE INDEX client_organisation_id ON client (organisation_id, id);
CREATE INDEX access_grant_scope_id ON access_grant (scope_id, id);
