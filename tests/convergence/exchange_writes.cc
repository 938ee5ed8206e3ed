// SPDX-License-Identifier: Apache-2.0
// The writes to teacher-exchange that a writer chooses from. Many are refused: teachers have moved on, are
// deleted or erased, weeks are full.
#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "tests/convergence/exchange_records.h"
#include "tests/convergence/writer.h"

namespace lianqiao::convergence {

namespace {

class ExchangeWriter final : public Writer {
 public:
  using Writer::Writer;
  ~ExchangeWriter() override { Join(); }

 private:
  Write Choose() override;
  void Wrote(const google::protobuf::Message& record, const Key& key, bool created) override;
  Write NewTeacher();
  Write ChangeTeacher();
  Write MoveTeacher();
  Write EndOrReviveTeacher();
  Write EraseTeacher();
  Write UpsertTeachers();
  Write Nominate();
  Write ChangeAssignment();
  Write MoveAssignment();

  std::string Teacher() { return Chance(30) && !last_teacher_.empty() ? last_teacher_ : AnyOf("teacher"); }

  std::string last_teacher_;
};

Writer::Write ExchangeWriter::Choose() {
  const int draw = Random(100);
  if (!options_.county_id.empty()) {
    if (draw < 30) return NewTeacher();
    if (draw < 55) return ChangeTeacher();
    if (draw < 70) return MoveTeacher();
    if (draw < 82) return Nominate();
    return draw < 92 ? MoveAssignment() : EndOrReviveTeacher();
  }
  if (options_.keyless && Chance(60)) return NewTeacher();
  if (draw < 18) return NewTeacher();
  if (draw < 36) return ChangeTeacher();
  if (draw < 50) return MoveTeacher();
  if (draw < 58) return EndOrReviveTeacher();
  if (draw < 65) return EraseTeacher();
  if (draw < 70) return UpsertTeachers();
  if (draw < 82) return Nominate();
  return draw < 88 ? ChangeAssignment() : MoveAssignment();
}

void ExchangeWriter::Wrote(const google::protobuf::Message& record, const Key& key, bool created) {
  if (key.first == "teacher") last_teacher_ = key.second;
}

Writer::Write ExchangeWriter::NewTeacher() {
  auto [request, response] = Pair<exchange::v1::CreateTeacherRequest, exchange::v1::Teacher>();
  const std::string mark = PersonMark();
  FillTeacher(mark, targets_.schools.Any(&random_), request->mutable_teacher());
  return {"TeacherService/CreateTeacher", std::move(request), std::move(response), mark, true};
}

Writer::Write ExchangeWriter::ChangeTeacher() {
  auto [request, response] = Pair<exchange::v1::UpdateTeacherRequest, exchange::v1::Teacher>();
  const std::string mark = PersonMark();
  const std::string id = Teacher();
  request->mutable_teacher()->set_id(id);
  request->mutable_teacher()->set_name(mark);
  if (Chance(20) && !last_etag_.empty()) request->mutable_teacher()->set_etag(last_etag_);
  return {"TeacherService/UpdateTeacher", std::move(request), std::move(response), mark, false, id};
}

Writer::Write ExchangeWriter::MoveTeacher() {
  auto [request, response] = Pair<exchange::v1::UpdateTeacherRequest, exchange::v1::Teacher>();
  request->mutable_teacher()->set_id(Teacher());
  request->mutable_teacher()->set_school_id(targets_.schools.Any(&random_));
  return {"TeacherService/UpdateTeacher", std::move(request), std::move(response), "", false};
}

Writer::Write ExchangeWriter::EndOrReviveTeacher() {
  return Step<exchange::v1::Teacher>(Chance(50) ? "Undelete" : "Delete", Teacher());
}

Writer::Write ExchangeWriter::EraseTeacher() {
  return Step<exchange::v1::Teacher>("Erase", Teacher());
}

Writer::Write ExchangeWriter::UpsertTeachers() {
  auto [request, response] =
      Pair<exchange::v1::BatchUpsertTeachersRequest, exchange::v1::BatchUpsertTeachersResponse>();
  request->set_source_system("source");
  request->set_atomic(Chance(50));
  const int first = Random(12);
  for (int i = 0; i < 2 + Random(4); ++i) {
    auto& teacher = *request->add_teachers();
    FillTeacher(absl::StrCat("import-", first + i), targets_.schools.Any(&random_), &teacher);
    auto& id = *teacher.add_external_ids();
    id.set_system("source");
    id.set_id(absl::StrCat("t-", first + i));
  }
  return {"TeacherService/BatchUpsertTeachers", std::move(request), std::move(response), "", false};
}

Writer::Write ExchangeWriter::Nominate() {
  auto [request, response] = Pair<exchange::v1::CreateAssignmentRequest, exchange::v1::Assignment>();
  const std::string mark = Mark();
  const std::string teacher = Teacher();
  FillAssignment(teacher, Last<exchange::v1::Teacher>("teacher", teacher).school_id(),
                 targets_.schools.Any(&random_), request->mutable_assignment());
  request->mutable_assignment()->set_tasks(mark);
  if (Chance(40)) request->mutable_assignment()->set_alliance_id(targets_.alliances.Any(&random_));
  return {"AssignmentService/CreateAssignment", std::move(request), std::move(response), mark, true};
}

Writer::Write ExchangeWriter::ChangeAssignment() {
  auto [request, response] = Pair<exchange::v1::UpdateAssignmentRequest, exchange::v1::Assignment>();
  const std::string mark = Mark();
  request->mutable_assignment()->set_id(AnyOf("assignment"));
  request->mutable_assignment()->set_tasks(mark);
  if (Chance(30)) request->mutable_assignment()->set_alliance_id(targets_.alliances.Any(&random_));
  return {"AssignmentService/UpdateAssignment", std::move(request), std::move(response), mark, false};
}

Writer::Write ExchangeWriter::MoveAssignment() {
  static const char* const kVerbs[] = {"Approve", "Approve", "Start", "Withdraw", "Complete", "Delete"};
  return AnyStep<exchange::v1::Assignment>(kVerbs, "assignment");
}

}  // namespace

std::unique_ptr<Writer> MakeExchangeWriter(Installation* installation, const World* world, Targets* targets,
                                           Ledger* ledger, Writer::Options options, Report* report) {
  return std::make_unique<ExchangeWriter>(installation, world, targets, ledger, std::move(options), report);
}

}  // namespace lianqiao::convergence
