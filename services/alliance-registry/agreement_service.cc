// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/agreement_service.h"

#include "absl/strings/str_cat.h"
#include "services/alliance-registry/agreement_rules.h"
#include "services/alliance-registry/filing_rules.h"
#include "services/alliance-registry/listed_references.h"
#include "services/alliance-registry/plan_rules.h"

namespace lianqiao::registry {

using resource::FactQuery;

namespace {

FactQuery CycleOfPlan() {
  return {"cycle", "SELECT alliance_id FROM cycle WHERE id = $1::uuid", {"cycle_id"}, {}};
}

// `reference` is the column of filing that names the plan; `method` the one that puts it on file.
FactQuery AcceptedFiling(const char* reference, const char* method) {
  return {"accepted",
          absl::StrCat("SELECT 1 FROM filing WHERE ", reference,
                       " = $1::uuid AND state = 'FILING_STATE_FILED' AND delete_time IS NULL LIMIT 1"),
          {"id"},
          {method}};
}

// What keeps the plan from being reopened. A filing is submitted under the lock of its plan.
FactQuery HandedIn(const char* reference, const char* method) {
  return {"handed_in",
          absl::StrCat("SELECT 1 FROM filing WHERE ", reference,
                       " = $1::uuid AND state IN ('FILING_STATE_SUBMITTED', 'FILING_STATE_FILED')"
                       " AND delete_time IS NULL LIMIT 1"),
          {"id"},
          {method}};
}

// The paper that a filing is about, whichever of the four it names.
FactQuery DocumentOfFiling() {
  return {"document",
          "SELECT alliance_id, state FROM implementation_plan WHERE id = $1::uuid UNION ALL "
          "SELECT alliance_id, state FROM annual_plan WHERE id = $2::uuid UNION ALL "
          "SELECT alliance_id, state FROM development_plan WHERE id = $3::uuid UNION ALL "
          "SELECT alliance_id, state FROM agreement WHERE id = $4::uuid",
          {"implementation_plan_id", "annual_plan_id", "development_plan_id", "agreement_id"},
          {}};
}

FactQuery AuthorityOfFiling() {
  return {"authority",
          "SELECT 1 FROM alliance a JOIN jurisdiction j ON j.id = a.jurisdiction_id "
          "WHERE a.id = $1::uuid AND j.scope && ARRAY[$2::uuid]",
          {"alliance_id", "authority_jurisdiction_id"},
          {"CreateFiling", "BatchUpsertFilings"}};
}

}  // namespace

void AddAgreements(resource::Service& service) {
  resource::Resource<v1::Agreement>(service)
      .facts(UnknownReferences("parties", "organisation_id", "jurisdiction_id"))
      .rules(CheckAgreement);
}

void AddPlans(resource::Service& service) {
  resource::Resource<v1::Cycle>(service)
      .facts({"same_number",
              "SELECT 1 FROM cycle WHERE jurisdiction_id = $1::uuid AND alliance_id IS NOT DISTINCT FROM "
              "$2::uuid "
              "AND number = $3::int AND id <> $4::uuid AND delete_time IS NULL LIMIT 1",
              {"jurisdiction_id", "alliance_id", "number", "id"},
              {}})
      .facts({"ended_place",
              "SELECT 1 FROM jurisdiction WHERE id = $1::uuid AND valid_to < $2::date",
              {"jurisdiction_id", "starts_on"},
              {}})
      .rules(CheckCycle);
  resource::Resource<v1::DevelopmentPlan>(service)
      .facts(CycleOfPlan())
      .facts(AcceptedFiling("development_plan_id", "FileDevelopmentPlan"))
      .facts(HandedIn("development_plan_id", "ReopenDevelopmentPlan"))
      .rules(CheckDevelopmentPlan);
  resource::Resource<v1::ImplementationPlan>(service)
      .facts(CycleOfPlan())
      .facts({"overall",
              "SELECT kind, alliance_id FROM implementation_plan WHERE id = $1::uuid",
              {"overall_plan_id"},
              {}})
      .facts(AcceptedFiling("implementation_plan_id", "FileImplementationPlan"))
      .facts(HandedIn("implementation_plan_id", "ReopenImplementationPlan"))
      .rules(CheckImplementationPlan);
  resource::Resource<v1::AnnualPlan>(service)
      .facts(CycleOfPlan())
      .facts(AcceptedFiling("annual_plan_id", "FileAnnualPlan"))
      .facts(HandedIn("annual_plan_id", "ReopenAnnualPlan"))
      .facts(UnknownReferences("tasks", "owner_organisation_id", ""))
      .rules(CheckAnnualPlan);
  resource::Resource<v1::CountyProgramme>(service)
      .facts({"jurisdiction", "SELECT level FROM jurisdiction WHERE id = $1::uuid", {"jurisdiction_id"}, {}})
      .rules(CheckCountyProgramme);
}

void AddFilings(resource::Service& service) {
  resource::Resource<v1::Filing>(service)
      .facts(DocumentOfFiling())
      .facts(AuthorityOfFiling())
      .rules(CheckFiling)
      .deletion_rules(CheckFilingDeletion);
}

}  // namespace lianqiao::registry
