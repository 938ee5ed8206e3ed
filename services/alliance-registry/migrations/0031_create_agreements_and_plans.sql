-- What alliances agree on and plan, and what counties set themselves (D33–D36, D41).

CREATE TABLE agreement (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  kind text NOT NULL DEFAULT 'AGREEMENT_KIND_UNSPECIFIED',
  title text NOT NULL DEFAULT '',
  document_number text NOT NULL DEFAULT '',
  jurisdiction_id uuid,
  CONSTRAINT agreement_jurisdiction_id_exists FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction (id),
  alliance_id uuid,
  CONSTRAINT agreement_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance (id),
  parties jsonb NOT NULL DEFAULT '[]',
  state text NOT NULL DEFAULT 'AGREEMENT_STATE_UNSPECIFIED',
  signed_on date,
  in_force_on date,
  ends_on date,
  terminated_reason text NOT NULL DEFAULT '',
  terms text NOT NULL DEFAULT '',
  price_fen bigint NOT NULL DEFAULT 0,
  legal_person_unchanged boolean,
  funding_unchanged boolean,
  affiliation_unchanged boolean,
  nature_unchanged boolean,
  evidence jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX agreement_scope ON agreement USING gin (scope);
CREATE INDEX agreement_jurisdiction_id ON agreement (jurisdiction_id, id);
CREATE INDEX agreement_alliance_id ON agreement (alliance_id, id);

CREATE TABLE development_plan (
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
  CONSTRAINT development_plan_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance (id),
  cycle_id uuid,
  CONSTRAINT development_plan_cycle_id_exists FOREIGN KEY (cycle_id) REFERENCES cycle (id),
  title text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'PLAN_STATE_UNSPECIFIED',
  agreed_on date,
  filed_on date,
  closed_on date,
  close_reason text NOT NULL DEFAULT '',
  starts_on date,
  ends_on date,
  goals text NOT NULL DEFAULT '',
  measures text NOT NULL DEFAULT '',
  result_marks text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX development_plan_scope ON development_plan USING gin (scope);
CREATE INDEX development_plan_alliance_id ON development_plan (alliance_id, id);
CREATE INDEX development_plan_cycle_id ON development_plan (cycle_id, id);

CREATE TABLE implementation_plan (
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
  CONSTRAINT implementation_plan_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance (id),
  cycle_id uuid,
  CONSTRAINT implementation_plan_cycle_id_exists FOREIGN KEY (cycle_id) REFERENCES cycle (id),
  title text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'PLAN_STATE_UNSPECIFIED',
  agreed_on date,
  filed_on date,
  closed_on date,
  close_reason text NOT NULL DEFAULT '',
  kind text NOT NULL DEFAULT 'IMPLEMENTATION_PLAN_KIND_UNSPECIFIED',
  overall_plan_id uuid,
  CONSTRAINT implementation_plan_overall_plan_id_exists
    FOREIGN KEY (overall_plan_id) REFERENCES implementation_plan (id),
  item text NOT NULL DEFAULT '',
  starts_on date,
  ends_on date,
  organisation text NOT NULL DEFAULT '',
  long_term_plan text NOT NULL DEFAULT '',
  short_term_plan text NOT NULL DEFAULT '',
  feedback_and_summary text NOT NULL DEFAULT '',
  check_and_evaluation text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX implementation_plan_scope ON implementation_plan USING gin (scope);
CREATE INDEX implementation_plan_alliance_id ON implementation_plan (alliance_id, id);
CREATE INDEX implementation_plan_cycle_id ON implementation_plan (cycle_id, id);
CREATE INDEX implementation_plan_overall_plan_id ON implementation_plan (overall_plan_id, id);

CREATE TABLE annual_plan (
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
  CONSTRAINT annual_plan_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance (id),
  cycle_id uuid,
  CONSTRAINT annual_plan_cycle_id_exists FOREIGN KEY (cycle_id) REFERENCES cycle (id),
  title text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'PLAN_STATE_UNSPECIFIED',
  agreed_on date,
  filed_on date,
  closed_on date,
  close_reason text NOT NULL DEFAULT '',
  year integer NOT NULL DEFAULT 0,
  school_year text NOT NULL DEFAULT '',
  starts_on date,
  ends_on date,
  tasks jsonb NOT NULL DEFAULT '[]',
  evidence jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX annual_plan_scope ON annual_plan USING gin (scope);
CREATE INDEX annual_plan_alliance_id ON annual_plan (alliance_id, id);
CREATE INDEX annual_plan_cycle_id ON annual_plan (cycle_id, id);

CREATE TABLE county_programme (
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
  CONSTRAINT county_programme_jurisdiction_id_exists
    FOREIGN KEY (jurisdiction_id) REFERENCES jurisdiction (id),
  title text NOT NULL DEFAULT '',
  document_number text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'PROGRAMME_STATE_UNSPECIFIED',
  goals text NOT NULL DEFAULT '',
  evaluation text NOT NULL DEFAULT '',
  policy_support text NOT NULL DEFAULT '',
  starts_on date,
  ends_on date,
  end_reason text NOT NULL DEFAULT '',
  evidence jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX county_programme_scope ON county_programme USING gin (scope);
CREATE INDEX county_programme_jurisdiction_id ON county_programme (jurisdiction_id, id);
