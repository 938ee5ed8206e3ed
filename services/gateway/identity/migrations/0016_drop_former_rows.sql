-- Nothing here is computed from a step of the copy, so what its rows were before is not kept.
DROP TABLE registry_alliance_former;
DROP TABLE registry_jurisdiction_former;
DROP TABLE registry_organisation_former;
