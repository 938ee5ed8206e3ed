// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/vacancy_service.h"

#include "libs/resource/wrong_state.h"
#include "services/teacher-exchange/vacancy_rules.h"

namespace lianqiao::exchange {

using postgres::Parameters;
using resource::NamedQuery;
using resource::Writing;
using v1::Vacancy;

namespace {

absl::StatusOr<Vacancy> FillVacancy(Writing& writing, const v1::FillVacancyRequest& request) {
  static const NamedQuery readable{"assignment_for_vacancy",
                                   "SELECT 1 FROM {visible:assignment a} WHERE a.id = $1::uuid"};
  ASSIGN_OR_RETURN(Vacancy vacancy, writing.Load<Vacancy>(request.id(), request.etag()));
  if (vacancy.state() != v1::VACANCY_STATE_OPEN) return resource::WrongState(vacancy.state(), "OPEN");
  ASSIGN_OR_RETURN(const postgres::Result found,
                   writing.Query(readable, Parameters().Text(request.assignment_id())));
  if (found.rows() == 0)
    return base::FailIfAny({base::Refuse("assignmentId", base::ErrorReason::REFERENCE_NOT_FOUND,
                                         {{"kind", "assignment"}, {"kind_zh", "交流任职"}})});
  vacancy.set_state(v1::VACANCY_STATE_FILLED);
  vacancy.set_assignment_id(request.assignment_id());
  vacancy.set_filled_on(writing.today());
  RETURN_IF_ERROR(writing.Update(&vacancy));
  return vacancy;
}

absl::StatusOr<Vacancy> ReopenVacancy(Writing& writing, const v1::ReopenVacancyRequest& request) {
  static const NamedQuery stands{"assignment_of_vacancy_stands",
                                 "SELECT 1 FROM assignment a WHERE a.id = $1::uuid AND a.delete_time IS NULL"
                                 " AND a.state IN ('ASSIGNMENT_STATE_NOMINATED', 'ASSIGNMENT_STATE_APPROVED',"
                                 " 'ASSIGNMENT_STATE_ON_POST', 'ASSIGNMENT_STATE_EXTENDED')"};
  ASSIGN_OR_RETURN(Vacancy vacancy, writing.Load<Vacancy>(request.id(), request.etag()));
  if (vacancy.state() == v1::VACANCY_STATE_OPEN)
    return resource::WrongState(vacancy.state(), "FILLED, WITHDRAWN");
  if (!vacancy.assignment_id().empty()) {
    ASSIGN_OR_RETURN(const postgres::Result found,
                     writing.Query(stands, Parameters().Text(vacancy.assignment_id())));
    if (found.rows() > 0)
      return base::FailIfAny(absl::StatusCode::kFailedPrecondition,
                             {base::RefuseRule("assignmentId", "该岗位的任职仍然有效",
                                               "still stands: withdraw, recall or complete it first")});
  }
  vacancy.set_state(v1::VACANCY_STATE_OPEN);
  vacancy.clear_assignment_id();
  vacancy.clear_filled_on();
  vacancy.clear_withdrawn_on();
  vacancy.clear_withdraw_reason();
  RETURN_IF_ERROR(writing.Update(&vacancy));
  return vacancy;
}

}  // namespace

void AddVacancies(resource::Service& service) {
  resource::Resource<Vacancy>(service)
      .facts(VacancyAssignmentFacts())
      .rules(CheckVacancy)
      .deletion_rules(CheckVacancyDeletion)
      .on("FillVacancy", FillVacancy)
      .on("ReopenVacancy", ReopenVacancy);
}

}  // namespace lianqiao::exchange
