// SPDX-License-Identifier: Apache-2.0
// What an alliance writes down: agreements, plans, filings, money, projects, bodies and their people.
#include "tests/gates/error_messages/bad_requests.h"

namespace lianqiao::gates {
namespace {

constexpr char kCreateAgreement[] = "AgreementService/CreateAgreement";
constexpr char kCreateFiling[] = "FilingService/CreateFiling";
constexpr char kCreateDevelopment[] = "DevelopmentPlanService/CreateDevelopmentPlan";
constexpr char kCreateImplementation[] = "ImplementationPlanService/CreateImplementationPlan";
constexpr char kCreateAnnual[] = "AnnualPlanService/CreateAnnualPlan";
constexpr char kCreateFunding[] = "FundingService/CreateFunding";
constexpr char kCreateProgramme[] = "CountyProgrammeService/CreateCountyProgramme";
constexpr char kCreateProject[] = "CooperationProjectService/CreateCooperationProject";
constexpr char kCreateBody[] = "GoverningBodyService/CreateGoverningBody";
constexpr char kCreateHolder[] = "RoleHolderService/CreateRoleHolder";
constexpr char kCreateCycle[] = "CycleService/CreateCycle";

std::string Agreement(const std::string& rest, const std::string& kind = "AGREEMENT_KIND_COOPERATION") {
  return "agreement { kind: " + kind + " title: '合作协议' jurisdiction_id: '$county$' " + rest + " }";
}

std::string Filing(const std::string& rest) {
  return "filing { alliance_id: '$alliance$' authority_jurisdiction_id: '$city$' year: 2024 " + rest + " }";
}

// A record of the alliance with a title.
std::string Titled(const std::string& record, const std::string& rest) {
  return record + " { alliance_id: '$alliance$' title: '方案' " + rest + " }";
}

std::string Funding(const std::string& rest) {
  return "funding { jurisdiction_id: '$county$' year: 2024 source: FUNDING_SOURCE_FISCAL payer_level: "
         "PAYER_LEVEL_COUNTY " +
         rest + " }";
}

std::string Body(const std::string& rest) {
  return "governing_body { kind: GOVERNING_BODY_KIND_LEADING_GROUP name: '领导小组' jurisdiction_id: "
         "'$county$' " +
         rest + " }";
}

std::string Holder(const std::string& rest, const std::string& role = "HOLDER_ROLE_PRINCIPAL") {
  return "role_holder { role: " + role + " organisation_id: '$school$' " + rest + " }";
}

}  // namespace

std::vector<BadRequest> BadAgreements() {
  return {
      {"required fields missing", kCreateAgreement, "agreement {}"},
      {"parties that are two or none", kCreateAgreement,
       Agreement("parties { organisation_id: '$school$' jurisdiction_id: '$county$' } parties {}")},
      {"a party that does not exist", kCreateAgreement,
       Agreement("parties { organisation_id: '$nothing$' }")},
      {"price of a paper without one, below zero", kCreateAgreement, Agreement("price_fen: -1")},
      {"price of a paper without one", kCreateAgreement, Agreement("price_fen: 1")},
      {"dates that come with signing", kCreateAgreement,
       Agreement("signed_on: '2024-01-01' in_force_on: '2024-02-01'")},
      {"dates in the wrong order", kCreateAgreement,
       Agreement("in_force_on: '2024-02-01' ends_on: '2023-01-01'")},
      {"management without an end, and changing the school", kCreateAgreement,
       Agreement("nature_unchanged: false funding_unchanged: false", "AGREEMENT_KIND_ENTRUSTED_MANAGEMENT")},
      {"signed by one", "AgreementService/SignAgreement", "id: '$agreement$'"},
      {"wrong state", "AgreementService/EnforceAgreement", "id: '$agreement$'"},
      {"no reason", "AgreementService/TerminateAgreement", "id: '$agreement$'"},
  };
}

std::vector<BadRequest> BadFilings() {
  return {
      {"required fields missing", kCreateFiling, "filing {}"},
      {"no document", kCreateFiling, Filing("kind: FILING_KIND_DEVELOPMENT_PLAN")},
      {"a document of another kind", kCreateFiling,
       Filing("kind: FILING_KIND_ALLIANCE development_plan_id: '$plan$'")},
      {"a document of another alliance", kCreateFiling,
       Filing("kind: FILING_KIND_DEVELOPMENT_PLAN development_plan_id: '$other_plan$'")},
      {"an authority that is not above the alliance", kCreateFiling,
       "filing { alliance_id: '$alliance$' kind: FILING_KIND_ALLIANCE authority_jurisdiction_id: "
       "'$other_county$' year: 2024 }"},
      {"year out of range, dates that come later", kCreateFiling,
       "filing { alliance_id: '$alliance$' kind: FILING_KIND_ALLIANCE authority_jurisdiction_id: '$city$' "
       "year: 1900 filed_on: '2024-01-01' }"},
      {"dates that come later", kCreateFiling,
       Filing("kind: FILING_KIND_ALLIANCE submitted_on: '2024-01-01' filed_on: '2024-01-02'")},
      {"document is a draft", "FilingService/SubmitFiling", "id: '$filing$'"},
      {"wrong state", "FilingService/AcceptFiling", "id: '$filing$'"},
      {"no reason", "FilingService/ReturnFiling", "id: '$filing$'"},
  };
}

std::vector<BadRequest> BadPlans() {
  return {
      {"required fields missing", kCreateCycle, "cycle {}"},
      {"number out of range, dates in the wrong order", kCreateCycle,
       "cycle { jurisdiction_id: '$county$' number: 0 starts_on: '2024-01-01' ends_on: '2023-01-01' }"},
      {"a number that is there", kCreateCycle,
       "cycle { jurisdiction_id: '$county$' number: 1 starts_on: '2027-01-01' ends_on: '2029-12-31' }"},
      {"required fields missing", kCreateDevelopment, "development_plan {}"},
      {"dates in the wrong order", kCreateDevelopment,
       Titled("development_plan", "starts_on: '2024-01-01' ends_on: '2023-01-01'")},
      {"title too long, a cycle that does not exist", kCreateDevelopment,
       "development_plan { alliance_id: '$alliance$' title: '$x301$' cycle_id: '$nothing$' starts_on: "
       "'2024-01-01' ends_on: '2024-12-31' }"},
      {"a cycle that does not exist", kCreateDevelopment,
       Titled("development_plan", "cycle_id: '$nothing$' starts_on: '2024-01-01' ends_on: '2024-12-31'")},
      {"dates that come later", kCreateDevelopment,
       Titled("development_plan",
              "starts_on: '2024-01-01' ends_on: '2024-12-31' filed_on: '2024-01-01' "
              "closed_on: '2024-01-02'")},
      {"wrong state", "DevelopmentPlanService/FileDevelopmentPlan", "id: '$plan$'"},
      {"no filing accepted", "DevelopmentPlanService/FileDevelopmentPlan", "id: '$agreed_plan$'"},
      {"agreed already", "DevelopmentPlanService/UpdateDevelopmentPlan",
       "development_plan { id: '$agreed_plan$' goals: '新' } update_mask { paths: 'goals' }"},
      {"required fields missing", kCreateImplementation, "implementation_plan {}"},
      {"itemised without its item", kCreateImplementation,
       Titled("implementation_plan", "kind: IMPLEMENTATION_PLAN_KIND_ITEMISED starts_on: '2024-01-01'")},
      {"overall with an item", kCreateImplementation,
       Titled("implementation_plan",
              "kind: IMPLEMENTATION_PLAN_KIND_OVERALL item: '教研' starts_on: '2024-01-01'")},
      {"below a plan that does not exist", kCreateImplementation,
       Titled("implementation_plan",
              "kind: IMPLEMENTATION_PLAN_KIND_ITEMISED item: '教研' overall_plan_id: "
              "'$nothing$' starts_on: '2024-01-01'")},
      {"required fields missing", kCreateAnnual, "annual_plan {}"},
      {"another year than its dates", kCreateAnnual,
       Titled("annual_plan",
              "year: 2024 school_year: '2020-2021' starts_on: '2023-01-01' ends_on: '2023-12-31'")},
      {"tasks without a title, due before they start", kCreateAnnual,
       Titled("annual_plan",
              "year: 2024 starts_on: '2024-01-01' ends_on: '2024-12-31' tasks {} tasks { "
              "title: '送教' starts_on: '2024-05-01' due_on: '2024-04-01' }")},
      {"tasks due before they start", kCreateAnnual,
       Titled("annual_plan",
              "year: 2024 starts_on: '2024-01-01' ends_on: '2024-12-31' tasks { title: '送教' "
              "starts_on: '2024-05-01' due_on: '2024-04-01' }")},
      {"required fields missing", kCreateProgramme, "county_programme {}"},
      {"of a city", kCreateProgramme, "county_programme { jurisdiction_id: '$city$' title: '规划' }"},
      {"wrong state", "CountyProgrammeService/EndCountyProgramme", "id: '$programme$'"},
  };
}

std::vector<BadRequest> BadMoneyAndProjects() {
  return {
      {"required fields missing", kCreateFunding, "funding {}"},
      {"numbers out of range", kCreateFunding, Funding("amount_fen: -1 share_percent: 101")},
      {"unknown source", kCreateFunding,
       "funding { jurisdiction_id: '$county$' year: 2024 source: 99 payer_level: PAYER_LEVEL_COUNTY "
       "amount_fen: 1 }"},
      {"two payers", kCreateFunding,
       Funding("amount_fen: 1 payer_organisation_id: '$school$' payer_jurisdiction_id: '$county$'")},
      {"an alliance that does not exist", kCreateFunding, Funding("amount_fen: 1 alliance_id: '$nothing$'")},
      {"paid before it was allocated", kCreateFunding,
       Funding("amount_fen: 1 allocated_on: '2024-05-01' paid_on: '2024-04-01'")},
      {"required fields missing", kCreateProject, "cooperation_project {}"},
      {"year out of range, dates in the wrong order", kCreateProject,
       Titled("cooperation_project", "year: 1800 started_on: '2024-05-01' finished_on: '2024-04-01'")},
      {"no outcome", "CooperationProjectService/CompleteCooperationProject", "id: '$started_project$'"},
      {"wrong state", "CooperationProjectService/CompleteCooperationProject", "id: '$project$'"},
      {"no reason", "CooperationProjectService/CancelCooperationProject", "id: '$project$'"},
  };
}

std::vector<BadRequest> BadGovernance() {
  return {
      {"required fields missing", kCreateBody, "governing_body {}"},
      {"of an alliance, without naming it", kCreateBody, Body("level: GOVERNANCE_LEVEL_ALLIANCE")},
      {"two heads", kCreateBody,
       Body("level: GOVERNANCE_LEVEL_COUNTY seats { role: SEAT_ROLE_HEAD post: '局长' } seats { role: "
            "SEAT_ROLE_HEAD post: '县长' }")},
      {"a seat without its post", kCreateBody,
       Body("level: GOVERNANCE_LEVEL_COUNTY seats { role: SEAT_ROLE_MEMBER }")},
      {"dates in the wrong order", kCreateBody,
       Body("level: GOVERNANCE_LEVEL_COUNTY since_on: '2024-01-01' ended_on: '2023-01-01'")},
      {"required fields missing", kCreateHolder, "role_holder {}"},
      {"a telephone number for a person", kCreateHolder,
       Holder("person_ref: '13812345678' from_on: '2024-01-01'")},
      {"a seat without its body", kCreateHolder,
       Holder("person_ref: 'p-1' from_on: '2024-01-01'", "HOLDER_ROLE_BODY_MEMBER")},
      {"a body without a seat in it", kCreateHolder,
       Holder("person_ref: 'p-1' from_on: '2024-01-01' governing_body_id: '$body$'")},
      {"dates in the wrong order", kCreateHolder,
       Holder("person_ref: 'p-1' from_on: '2024-01-01' to_on: '2023-01-01'")},
      {"the same post twice", kCreateHolder, Holder("person_ref: 'holder-1' from_on: '2024-03-01'")},
      {"not writable", kCreateHolder, Holder("person_ref: 'p-1' from_on: '2024-01-01'"), "other_county"},
  };
}

}  // namespace lianqiao::gates
