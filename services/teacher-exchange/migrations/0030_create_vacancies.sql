-- Posts that an exchange is to fill, and proposals of who takes them (D44, D54, D60).

CREATE TABLE vacancy (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  school_id uuid,
  type text NOT NULL DEFAULT 'ASSIGNMENT_TYPE_UNSPECIFIED',
  host_role text NOT NULL DEFAULT 'HOST_ROLE_UNSPECIFIED',
  subject text NOT NULL DEFAULT 'SUBJECT_UNSPECIFIED',
  stage text NOT NULL DEFAULT 'STAGE_UNSPECIFIED',
  alliance_id uuid,
  open_from date,
  open_until date,
  backbone_required boolean NOT NULL DEFAULT false,
  cadre_rank_min text NOT NULL DEFAULT 'CADRE_RANK_UNSPECIFIED',
  state text NOT NULL DEFAULT 'VACANCY_STATE_UNSPECIFIED',
  assignment_id uuid,
  CONSTRAINT vacancy_assignment_id_exists FOREIGN KEY (assignment_id) REFERENCES assignment (id),
  filled_on date,
  withdrawn_on date,
  withdraw_reason text NOT NULL DEFAULT '',
  description text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX vacancy_scope ON vacancy USING gin (scope);
CREATE INDEX vacancy_school_id ON vacancy (school_id, id);
CREATE INDEX vacancy_alliance_id ON vacancy (alliance_id, id);
CREATE INDEX vacancy_open_from_order ON vacancy (open_from, id);
CREATE INDEX vacancy_assignment_id ON vacancy (assignment_id, id);
CREATE UNIQUE INDEX vacancy_assignment_id_unique ON vacancy (assignment_id) WHERE delete_time IS NULL;
-- What proposals look at: few of all vacancies ever are open.
CREATE INDEX vacancy_open ON vacancy (type, id) WHERE state = 'VACANCY_STATE_OPEN' AND delete_time IS NULL;

CREATE TABLE assignment_proposal (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  bucket smallint NOT NULL,
  scope uuid[] NOT NULL,
  write_scope uuid[] NOT NULL,
  external_ids jsonb NOT NULL DEFAULT '[]',
  title text NOT NULL DEFAULT '',
  jurisdiction_id uuid,
  school_year_id uuid,
  type text NOT NULL DEFAULT 'ASSIGNMENT_TYPE_UNSPECIFIED',
  rotation_kind text NOT NULL DEFAULT 'ROTATION_KIND_UNSPECIFIED',
  planned_from date,
  planned_until date,
  weekly_share_percent integer NOT NULL DEFAULT 0,
  limits jsonb,
  state text NOT NULL DEFAULT 'PROPOSAL_STATE_UNSPECIFIED',
  lines jsonb NOT NULL DEFAULT '[]',
  quota_results jsonb NOT NULL DEFAULT '[]',
  refusals jsonb NOT NULL DEFAULT '[]',
  teacher_count integer NOT NULL DEFAULT 0,
  vacancy_count integer NOT NULL DEFAULT 0,
  missing_count integer NOT NULL DEFAULT 0,
  move_count integer NOT NULL DEFAULT 0,
  backbone_move_count integer NOT NULL DEFAULT 0,
  fillable_count integer NOT NULL DEFAULT 0,
  decided_on date,
  reject_reason text NOT NULL DEFAULT '',
  synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX assignment_proposal_scope ON assignment_proposal USING gin (scope);
CREATE INDEX assignment_proposal_jurisdiction_id ON assignment_proposal (jurisdiction_id, id);
CREATE INDEX assignment_proposal_school_year_id ON assignment_proposal (school_year_id, id);
CREATE INDEX assignment_proposal_planned_from_order ON assignment_proposal (planned_from, id);
