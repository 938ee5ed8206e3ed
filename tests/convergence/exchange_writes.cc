// SPDX-License-Identifier: Apache-2.0
// The writes to teacher-exchange that a writer chooses from. Many are refused: teachers have moved on, are
// deleted or erased, weeks are full.
#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "tests/convergence/exchange_records.h"
#include "tests/convergence/writer.h"

namespace lianqiao::convergence {

namespace v1 = ::lianqiao::exchange::v1;

namespace {

class ExchangeWriter final : public Writer {
 public:
  ExchangeWriter(Installation* installation, const World* world, Targets* targets, Ledger* ledger,
                 Options options, Report* report)
      : Writer(installation, world, targets, ledger, std::move(options), report) {
    for (size_t i = 0; i < world->teacher_ids.size(); ++i)
      school_of_[world->teacher_ids[i]] = world->school_ids[i % world->school_ids.size()];
  }
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

  std::string Teacher() {
    return Chance(30) && !last_teacher_.empty() ? last_teacher_ : targets_.teachers.Any(&random_);
  }
  // Texts of a person end so that none is a part of another one (erasure.h).
  std::string PersonMark() { return Mark() + "-p"; }

  std::map<std::string, std::string> school_of_;  // As this writer knows it.
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
  if (key.first == "assignment" && created) targets_.assignments.Add(key.second);
  if (key.first != "teacher") return;
  last_teacher_ = key.second;
  school_of_[key.second] = static_cast<const v1::Teacher&>(record).school_id();
  if (created) targets_.teachers.Add(key.second);
}

Writer::Write ExchangeWriter::NewTeacher() {
  auto [request, response] = Pair<v1::CreateTeacherRequest, v1::Teacher>();
  const std::string mark = PersonMark();
  FillTeacher(mark, targets_.schools.Any(&random_), request->mutable_teacher());
  return {"TeacherService/CreateTeacher", std::move(request), std::move(response), mark, true};
}

Writer::Write ExchangeWriter::ChangeTeacher() {
  auto [request, response] = Pair<v1::UpdateTeacherRequest, v1::Teacher>();
  const std::string mark = PersonMark();
  const std::string id = Teacher();
  request->mutable_teacher()->set_id(id);
  request->mutable_teacher()->set_name(mark);
  if (Chance(20) && !last_etag_.empty()) request->mutable_teacher()->set_etag(last_etag_);
  return {"TeacherService/UpdateTeacher", std::move(request), std::move(response), mark, false, id};
}

Writer::Write ExchangeWriter::MoveTeacher() {
  auto [request, response] = Pair<v1::UpdateTeacherRequest, v1::Teacher>();
  request->mutable_teacher()->set_id(Teacher());
  request->mutable_teacher()->set_school_id(targets_.schools.Any(&random_));
  return {"TeacherService/UpdateTeacher", std::move(request), std::move(response), "", false};
}

Writer::Write ExchangeWriter::EndOrReviveTeacher() {
  auto [request, response] = Pair<type::v1::DeleteRequest, v1::Teacher>();
  request->set_id(Teacher());
  const bool revive = Chance(50);
  return {revive ? "TeacherService/UndeleteTeacher" : "TeacherService/DeleteTeacher", std::move(request),
          std::move(response), "", false};
}

Writer::Write ExchangeWriter::EraseTeacher() {
  auto [request, response] = Pair<type::v1::EraseRequest, v1::Teacher>();
  const std::string id = Teacher();
  request->set_id(id);
  request->set_reason("本人申请");
  return {"TeacherService/EraseTeacher", std::move(request), std::move(response), "", false, id, true};
}

Writer::Write ExchangeWriter::UpsertTeachers() {
  auto [request, response] = Pair<v1::BatchUpsertTeachersRequest, v1::BatchUpsertTeachersResponse>();
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
  auto [request, response] = Pair<v1::CreateAssignmentRequest, v1::Assignment>();
  const std::string mark = Mark();
  const std::string teacher = Teacher();
  const auto school = school_of_.find(teacher);
  FillAssignment(teacher, school == school_of_.end() ? targets_.schools.Any(&random_) : school->second,
                 targets_.schools.Any(&random_), request->mutable_assignment());
  request->mutable_assignment()->set_tasks(mark);
  if (Chance(40)) request->mutable_assignment()->set_alliance_id(targets_.alliances.Any(&random_));
  return {"AssignmentService/CreateAssignment", std::move(request), std::move(response), mark, true};
}

Writer::Write ExchangeWriter::ChangeAssignment() {
  auto [request, response] = Pair<v1::UpdateAssignmentRequest, v1::Assignment>();
  const std::string mark = Mark();
  request->mutable_assignment()->set_id(targets_.assignments.Any(&random_));
  request->mutable_assignment()->set_tasks(mark);
  if (Chance(30)) request->mutable_assignment()->set_alliance_id(targets_.alliances.Any(&random_));
  return {"AssignmentService/UpdateAssignment", std::move(request), std::move(response), mark, false};
}

Writer::Write ExchangeWriter::MoveAssignment() {
  static const char* const kVerbs[] = {"Approve", "Approve", "Start", "Withdraw", "Complete", "Delete"};
  const std::string verb = kVerbs[Random(6)];
  const std::string method = "AssignmentService/" + verb + "Assignment";
  const std::string id = targets_.assignments.Any(&random_);
  if (verb == "Delete") {
    auto [request, response] = Pair<type::v1::DeleteRequest, v1::Assignment>();
    request->set_id(id);
    return {method, std::move(request), std::move(response), "", false};
  }
  auto [request, response] = Pair<type::v1::TransitionRequest, v1::Assignment>();
  request->set_id(id);
  request->set_reason("原因");
  return {method, std::move(request), std::move(response), "", false};
}

}  // namespace

std::unique_ptr<Writer> MakeExchangeWriter(Installation* installation, const World* world, Targets* targets,
                                           Ledger* ledger, Writer::Options options, Report* report) {
  return std::make_unique<ExchangeWriter>(installation, world, targets, ledger, std::move(options), report);
}

}  // namespace lianqiao::convergence
