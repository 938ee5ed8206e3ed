// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/research_record_service.h"

#include "services/teaching-research/class_placement_rules.h"
#include "services/teaching-research/diagnosis_rules.h"
#include "services/teaching-research/practice_model_rules.h"
#include "services/teaching-research/research_project_rules.h"
#include "services/teaching-research/school_facts.h"

namespace lianqiao::research {

void AddResearchRecords(resource::Service& service) {
  resource::Resource<v1::ResearchProject>(service)
      .facts(UnknownOrganisations("participants"))
      .rules(CheckResearchProject)
      .deletion_rules(CheckResearchProjectDeletion);
  resource::Resource<v1::ClassPlacement>(service)
      .facts(PlacementSchoolFacts())
      .rules(CheckClassPlacement)
      .deletion_rules(CheckClassPlacementDeletion);
  resource::Resource<v1::DiagnosisVisit>(service)
      .facts(VisitReachFacts())
      .facts(VisitFindingFacts())
      .derives(TakeReportBack)
      .rules(CheckDiagnosisVisit)
      .deletion_rules(CheckDiagnosisVisitDeletion);
  resource::Resource<v1::DiagnosisFinding>(service)
      .facts(FindingVisitFacts())
      .rules(CheckDiagnosisFinding)
      .deletion_rules(CheckDiagnosisFindingDeletion);
  resource::Resource<v1::PracticeModel>(service).rules(CheckPracticeModel);
}

}  // namespace lianqiao::research
