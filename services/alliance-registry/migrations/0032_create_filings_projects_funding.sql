-- Filings with a bureau, cooperation projects and money (D38–D40).

CREATE TABLE filing (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  alliance_id uuid,
  CONSTRAINT filing_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance (id),
  kind text NOT NULL DEFAULT 'FILING_KIND_UNSPECIFIED',
  implementation_plan_id uuid,
  CONSTRAINT filing_implementation_plan_id_exists
    FOREIGN KEY (implementation_plan_id) REFERENCES implementation_plan (id),
  annual_plan_id uuid,
  CONSTRAINT filing_annual_plan_id_exists FOREIGN KEY (annual_plan_id) REFERENCES annual_plan (id),
  development_plan_id uuid,
  CONSTRAINT filing_development_plan_id_exists
    FOREIGN KEY (development_plan_id) REFERENCES development_plan (id),
  agreement_id uuid,
  CONSTRAINT filing_agreement_id_exists FOREIGN KEY (agreement_id) REFERENCES agreement (id),
  authority_jurisdiction_id uuid,
  CONSTRAINT filing_authority_jurisdiction_id_exists
    FOREIGN KEY (authority_jurisdiction_id) REFERENCES jurisdiction (id),
  year integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'FILING_STATE_UNSPECIFIED',
  submitted_on date,
  returned_on date,
  return_reason text NOT NULL DEFAULT '',
  filed_on date,
  reviewer_organisation_id uuid,
  CONSTRAINT filing_reviewer_organisation_id_exists
    FOREIGN KEY (reviewer_organisation_id) REFERENCES organisation (id),
  filing_number text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX filing_scope ON filing USING gin (scope);
CREATE INDEX filing_alliance_id ON filing (alliance_id, id);
CREATE INDEX filing_implementation_plan_id ON filing (implementation_plan_id, id);
CREATE INDEX filing_annual_plan_id ON filing (annual_plan_id, id);
CREATE INDEX filing_development_plan_id ON filing (development_plan_id, id);
CREATE INDEX filing_agreement_id ON filing (agreement_id, id);
CREATE INDEX filing_authority_jurisdiction_id ON filing (authority_jurisdiction_id, id);
CREATE INDEX filing_reviewer_organisation_id ON filing (reviewer_organisation_id, id);

CREATE TABLE cooperation_project (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  alliance_id uuid,
  CONSTRAINT cooperation_project_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance (id),
  title text NOT NULL DEFAULT '',
  year integer NOT NULL DEFAULT 0,
  owner_organisation_id uuid,
  CONSTRAINT cooperation_project_owner_organisation_id_exists
    FOREIGN KEY (owner_organisation_id) REFERENCES organisation (id),
  partner_organisation_id uuid,
  CONSTRAINT cooperation_project_partner_organisation_id_exists
    FOREIGN KEY (partner_organisation_id) REFERENCES organisation (id),
  state text NOT NULL DEFAULT 'PROJECT_STATE_UNSPECIFIED',
  started_on date,
  finished_on date,
  description text NOT NULL DEFAULT '',
  outcome text NOT NULL DEFAULT '',
  cancel_reason text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX cooperation_project_scope ON cooperation_project USING gin (scope);
CREATE INDEX cooperation_project_alliance_id ON cooperation_project (alliance_id, id);
CREATE INDEX cooperation_project_owner_organisation_id ON cooperation_project (owner_organisation_id, id);
CREATE INDEX cooperation_project_partner_organisation_id ON cooperation_project (partner_organisation_id, id);

CREATE TABLE funding (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  jurisdiction_id uuid,
  CONSTRAINT funding_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction (id),
  alliance_id uuid,
  CONSTRAINT funding_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance (id),
  year integer NOT NULL DEFAULT 0,
  source text NOT NULL DEFAULT 'FUNDING_SOURCE_UNSPECIFIED',
  payer_level text NOT NULL DEFAULT 'PAYER_LEVEL_UNSPECIFIED',
  payer_organisation_id uuid,
  CONSTRAINT funding_payer_organisation_id_exists
    FOREIGN KEY (payer_organisation_id) REFERENCES organisation (id),
  payer_jurisdiction_id uuid,
  CONSTRAINT funding_payer_jurisdiction_id_exists
    FOREIGN KEY (payer_jurisdiction_id) REFERENCES jurisdiction (id),
  beneficiary_organisation_id uuid,
  CONSTRAINT funding_beneficiary_organisation_id_exists
    FOREIGN KEY (beneficiary_organisation_id) REFERENCES organisation (id),
  amount_fen bigint NOT NULL DEFAULT 0,
  share_percent double precision,
  purpose text NOT NULL DEFAULT '',
  allocated_on date,
  paid_on date,
  evidence jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX funding_scope ON funding USING gin (scope);
CREATE INDEX funding_jurisdiction_id ON funding (jurisdiction_id, id);
CREATE INDEX funding_alliance_id ON funding (alliance_id, id);
CREATE INDEX funding_payer_organisation_id ON funding (payer_organisation_id, id);
CREATE INDEX funding_payer_jurisdiction_id ON funding (payer_jurisdiction_id, id);
CREATE INDEX funding_beneficiary_organisation_id ON funding (beneficiary_organisation_id, id);
