// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/testing/golden.h"
#include "tests/gates/access_matrix/matrix.h"
#include "tests/gates/access_matrix/requests.h"
#include "tests/gates/access_matrix/streams.h"
#include "tests/gates/access_matrix/world.h"
#include "tests/gates/services/services.h"

namespace lianqiao::gates {
namespace {

using access::ScopeKind;
using contract::Method;
using contract::Standard;

struct Role {
  std::string token;
  bool scoped = false;  // Has every standard right, on its own place only.
};

const std::vector<Role>& Roles() {
  static const std::vector<Role> roles = {{"nobody"},         {"ungranted"},    {"operator"},
                                          {"province", true}, {"city", true},   {"county", true},
                                          {"lead", true},     {"member", true}, {"foreign", true}};
  return roles;
}

constexpr char kRoles[] =
    "# province > city > county; lead and member: schools of the alliance; foreign: a school of another "
    "alliance.\n";

std::string Legend(const std::string& name) {
  return absl::StrCat("# Every method of the ", name,
                      " as every role: on a record at home / on one away (tests/gates/access_matrix).\n",
                      kCodes, "# nobody: no token. ungranted: a client without grants. Others: *.read, ",
                      name, ".*.write and .changes on their place:\n", kRoles);
}

// Methods of their own with another answer on what is out of scope, and why. The list may only shrink.
const std::map<std::string, std::string>& OtherAnswers() {
  static const std::map<std::string, std::string> answers = {
      // Make or compute from records that the request names: refused as Create refuses a reference.
      {"/lianqiao.exchange.v1.AssignmentProposalService/ProposeAssignments", "ia"},
      {"/lianqiao.research.v1.ImprovementCoefficientService/ComputeImprovement", "ia"},
      {"/lianqiao.research.v1.ImprovementCoefficientService/RecordImprovement", "ia"},
      {"/lianqiao.resources.v1.OnlineLessonService/PlanWeeklyOnlineLessons", "ia"},
      // Lists what belongs to one record, which is not there.
      {"/lianqiao.exchange.v1.QuotaService/ListQuotaProgress", "nf"},
      // Name no record: what they find is what the caller sees (tests/conformance/audience_pgtest.cc).
      {"/lianqiao.resources.v1.ResourceSearchService/SearchResources", "ok"},
      {"/lianqiao.resources.v1.ResourceSearchService/SuggestResources", "ok"}};
  return answers;
}

class AccessMatrix : public WorldFixture, public ::testing::WithParamInterface<Follower> {
 protected:
  AccessMatrix() {
    if (GetParam().definition != nullptr) Follow();
    AddScoped("province", ScopeKind::kJurisdiction, province_.id(), "registry.fact_submission.accept");
    AddScoped("city", ScopeKind::kJurisdiction, home_.city, "registry.fact_submission.check");
    AddScoped("county", ScopeKind::kJurisdiction, home_.county);
    AddScoped("lead", ScopeKind::kOrganisation, home_.lead_school);
    AddScoped("member", ScopeKind::kOrganisation, home_.member_school);
    AddScoped("foreign", ScopeKind::kOrganisation, ForeignSchool());
    subject_->AddCaller("ungranted", access::testing::MakeCaller({}));
  }

  // The matrix is that of a service that follows the registry.
  void Follow() {
    const std::string foreign = ForeignSchool();
    follower_ = std::make_unique<testing::TestService>(GetParam().definition(),
                                                       std::vector<testing::TestService*>{&service_});
    follower_->CatchUp();
    subject_ = follower_.get();
    for (World* world : {&home_, &away_}) AddOtherKinds(*subject_, world);
    foreign_school_ = foreign;
  }

  // `more`: a right that only some bureaus have.
  void AddScoped(const std::string& token, ScopeKind kind, const std::string& id,
                 const std::string& more = "") {
    using access::testing::MakeGrant;
    const std::string& name = GetParam().name;
    std::vector<access::Grant> grants = {MakeGrant("*.read", kind, id),
                                         MakeGrant(name + ".*.write", kind, id),
                                         MakeGrant(name + ".*.changes", kind, id)};
    if (!more.empty()) grants.push_back(MakeGrant(more, kind, id));
    for (const std::string& right : GetParam().bureau_rights)
      if (kind == ScopeKind::kJurisdiction) grants.push_back(MakeGrant(right, kind, id));
    callers_[token] = access::testing::MakeCaller(grants, kind == ScopeKind::kOrganisation ? id : "");
    subject_->AddCaller(token, callers_[token]);
  }

  // Leads an alliance of its own in the same city.
  std::string ForeignSchool() {
    if (!foreign_school_.empty()) return foreign_school_;
    const std::string school = School("外校", home_.other_county).id();
    auto party = Membership(home_.other_alliance, school, registry::v1::MEMBERSHIP_ROLE_LEAD_SCHOOL);
    party.mutable_membership()->set_state(registry::v1::MEMBERSHIP_STATE_ACTIVE);
    Propose(party);
    return school;
  }

  static std::string TargetId(const Method& method, const World& world) {
    const std::string& named = method.access->scope_kind();
    const std::string kind =
        method.resource != nullptr ? method.resource->kind : named.substr(named.find('/') + 1);
    return kind.empty() ? base::RandomId() : world.ids.at(kind);
  }

  // What the record needs to be in for the method; undone by Restore.
  void Prepare(const Method& method) {
    if (method.standard == Standard::kUndelete) SetBoth(*method.resource, "delete_time", "now()");
    if (GivesFile(method)) SetBytes(*method.resource);
    if (method.transition == nullptr) return;
    const contract::Field& state = *method.resource->Find(method.transition->field());
    const auto now = subject_->Query(absl::StrCat("SELECT ", state.name, " FROM ", method.resource->kind,
                                                  " WHERE id = '", home_.ids.at(method.resource->kind), "'"));
    ASSERT_TRUE(now.ok()) << now.status();
    state_before_ = now->Text(0, 0);
    for (int i = 0; i < state.descriptor->enum_type()->value_count(); ++i) {
      const auto& value = *state.descriptor->enum_type()->value(i);
      if (contract::ShortName(value) == method.transition->from(0))
        SetBoth(*method.resource, state.name, "'" + value.name() + "'");
    }
  }
  void Restore(const Method& method) {
    if (method.standard == Standard::kUndelete) SetBoth(*method.resource, "delete_time", "NULL");
    if (method.transition != nullptr)
      SetBoth(*method.resource, method.transition->field(), "'" + state_before_ + "'");
    if (!GivesFile(method)) return;
    SetBoth(*method.resource, "state", "'FILE_STATE_UPLOADING'");
    SetBoth(*method.resource, "sha256", "''");
  }
  static bool GivesFile(const Method& method) {
    return method.descriptor->server_streaming() && method.resource != nullptr &&
           method.resource->kind == "file";
  }
  // Files without bytes refuse everybody alike: then the matrix would not tell who gets them.
  void SetBytes(const contract::Resource& resource) {
    auto upload = subject_->content().Open("matrix");
    ASSERT_TRUE(upload.ok() && (*upload)->Append("x").ok());
    const auto hold = (*upload)->Finish();
    ASSERT_TRUE(hold.ok() && (*upload)->Discard().ok());
    SetBoth(resource, "state", "'FILE_STATE_STORED'");
    SetBoth(resource, "sha256", "'" + (*hold)->key() + "'");
  }
  void SetBoth(const contract::Resource& resource, const std::string& column, const std::string& value) {
    const auto done = subject_->Query(absl::StrCat("UPDATE ", resource.kind, " SET ", column, " = ", value,
                                                   " WHERE id IN ('", home_.ids.at(resource.kind), "', '",
                                                   away_.ids.at(resource.kind), "')"));
    ASSERT_TRUE(done.ok()) << done.status();
  }

  // The record as it stands, for methods that send one back.
  std::unique_ptr<Message> Stored(const Method& method, const std::string& id) {
    if (method.standard != Standard::kUpdate && method.standard != Standard::kBatchUpsert) return nullptr;
    type::v1::GetRequest request;
    request.set_id(id);
    std::unique_ptr<Message> record = NewMessage(method.resource->descriptor);
    const std::string noun = method.resource->descriptor->name();
    const absl::Status status =
        subject_->Invoke(absl::StrCat(ServiceOf(method), "/Get", noun), request, record.get(), "operator");
    EXPECT_TRUE(status.ok()) << method.path << ": " << status;
    return record;
  }
  static std::string ServiceOf(const Method& method) { return method.descriptor->service()->name(); }

  std::pair<std::string, std::string> CallAs(const std::string& token, const Method& method,
                                             const World& world, const std::string& id,
                                             const Message* stored) {
    const auto request = RequestOf(subject_->contract(), method, world, id, stored);
    const std::string sent = token == "nobody" ? "" : token;
    if (IsStream(method)) return OpenAs(sent, method, *request);
    std::unique_ptr<Message> response = NewMessage(method.descriptor->output_type());
    const absl::Status status = subject_->Invoke(method.path, *request, response.get(), sent);
    EXPECT_LE(ShortCode(status.code()).size(), 2u) << method.path << " as " << token << ": " << status << "\n"
                                                   << request->ShortDebugString();
    return AnswerOf(method, status, *response);
  }

  // The bytes of a file have one answer, whichever way they are asked for.
  std::pair<std::string, std::string> OpenAs(const std::string& token, const Method& method,
                                             const Message& request) {
    if (streams_ == nullptr)
      streams_ = std::make_unique<Streams>(subject_, absl::StrCat("lianqiao.", GetParam().name, ".v1"));
    const auto answer = streams_->Ask(method, request, token);
    EXPECT_LE(answer.first.size(), 2u) << method.path << " as " << token << ": " << answer.second << "\n"
                                       << request.ShortDebugString();
    if (streams_->HasBytePath(method)) {
      EXPECT_EQ(streams_->AskForBytes(method, request, token), answer.first)
          << method.path << " over HTTP as " << token << ": " << request.ShortDebugString();
    }
    return answer;
  }

  struct Row {
    const Method* method;
    std::vector<std::string> home;  // By role.
    std::vector<std::string> away;
  };
  Row Measure(const Method& method);
  void Judge(const Row& row) const;
  void JudgeScoped(const Role& role, const Method& method, const std::string& home,
                   const std::string& away) const;

  testing::TestService* subject_ = &service_;
  std::unique_ptr<testing::TestService> follower_;
  std::string foreign_school_;
  std::map<std::string, access::Caller> callers_;
  std::unique_ptr<Streams> streams_;
  std::string state_before_;  // Of both records, before Prepare moved it.
};

AccessMatrix::Row AccessMatrix::Measure(const Method& method) {
  Row row{&method, {}, {}};
  Prepare(method);
  const std::string at_home = TargetId(method, home_);
  const std::string far_away = TargetId(method, away_);
  const bool living = method.standard != Standard::kUndelete;
  const auto stored_home = living ? Stored(method, at_home) : nullptr;
  const auto stored_away = living ? Stored(method, far_away) : nullptr;
  std::unique_ptr<Message> missing;
  if (stored_away != nullptr) {
    missing.reset(stored_away->New());
    missing->CopyFrom(*stored_away);
    missing->GetReflection()->SetString(missing.get(), method.resource->id->descriptor, base::RandomId());
  }
  const auto nowhere = CallAs("operator", method, away_, base::RandomId(), missing.get());
  for (const Role& role : Roles()) {
    const auto home = CallAs(role.token, method, home_, at_home, stored_home.get());
    const auto away = CallAs(role.token, method, away_, far_away, stored_away.get());
    row.home.push_back(home.first);
    row.away.push_back(away.first);
    if (nowhere.first != "nf") continue;
    for (const auto& answer : {home, away}) {
      if (answer.first != "nf") continue;
      EXPECT_EQ(answer.second, nowhere.second)
          << method.path << " as " << role.token
          << " tells a record out of scope from one that does not exist: "
          << "answer both with NotFound(resource) of libs/resource, before anything else is looked at.";
    }
  }
  Restore(method);
  return row;
}

// What holds whatever the golden file says.
void AccessMatrix::Judge(const Row& row) const {
  const Method& method = *row.method;
  if (method.access->public_()) return;
  for (size_t i = 0; i < Roles().size(); ++i) {
    const Role& role = Roles()[i];
    const std::string where = absl::StrCat(method.path, " as ", role.token, ": ");
    if (role.token == "nobody") {
      EXPECT_EQ(row.home[i] + row.away[i], "uaua")
          << where << "a call without a token must be UNAUTHENTICATED";
    } else if (role.token == "ungranted" && !method.access->any_client()) {
      EXPECT_EQ(row.home[i] + row.away[i], "pdpd")
          << where << "a client without a grant must be PERMISSION_DENIED";
    } else if (role.scoped) {
      JudgeScoped(role, method, row.home[i], row.away[i]);
    }
  }
}

void AccessMatrix::JudgeScoped(const Role& role, const Method& method, const std::string& home,
                               const std::string& away) const {
  if (method.access->any_client()) return;  // Rights of its own, kind by kind: tests/conformance.
  const std::string where = absl::StrCat(method.path, " as ", role.token, ": ");
  if (!callers_.at(role.token).HasPermission(method.permission)) {
    EXPECT_EQ(home + away, "pdpd") << where << "a client without " << method.permission
                                   << " must be PERMISSION_DENIED";
    return;
  }
  if (method.resource != nullptr &&
      method.resource->rule->scope().platform()) {  // Read by all, written by none of these.
    EXPECT_TRUE(!method.writes || home + away == "pdpd")
        << where << "only a grant on the platform may write it";
    return;
  }
  if (const auto other = OtherAnswers().find(method.path); other != OtherAnswers().end()) {
    EXPECT_EQ(away, other->second) << where << "this is what was found right for it alone";
    return;
  }
  if (IsList(method)) {
    EXPECT_EQ(away, "0") << where << "a record out of scope must not be listed";
  } else if (method.standard == Standard::kCreate) {
    EXPECT_TRUE(away == "ia" || away == "pd")
        << where << "nothing may be made in a place out of scope, but it is " << away;
  } else {
    EXPECT_EQ(away, "nf") << where << "a record out of scope must be NOT_FOUND, on writes as on reads";
  }
}

TEST_P(AccessMatrix, EveryMethodAnswersEveryRoleAsTheGoldenMatrixSays) {
  std::vector<std::string> names;
  for (const Role& role : Roles()) names.push_back(role.token);
  std::string table = absl::StrCat(Legend(GetParam().name), MatrixHead(names));
  for (const Method* method : MethodsByService(subject_->contract())) {
    const Row row = Measure(*method);
    Judge(row);
    absl::StrAppend(&table, MatrixLine(*method, row.home, row.away));
  }
  testing::ExpectGolden(absl::StrCat("access_matrix_", GetParam().name, ".txt"), table,
                        "these answers are the ones that design §8 asks for");
}

TEST_P(AccessMatrix, WithoutTheRightNothingOfTheRequestIsLookedAt) {
  for (const auto& method : subject_->contract().methods()) {
    if (method->access->public_() || method->access->any_client()) continue;
    const rpc::Answer answer = subject_->Raw(method->path, "\xff", "ungranted");
    EXPECT_TRUE(absl::IsPermissionDenied(answer.status)) << method->path << ": " << answer.status;
  }
}

INSTANTIATE_TEST_SUITE_P(Services, AccessMatrix, ::testing::ValuesIn(RegistryAndFollowers()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace lianqiao::gates
