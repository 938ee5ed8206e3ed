// SPDX-License-Identifier: Apache-2.0
// Every table of a service filled: every list, and what every method looks up on its way.
#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "tests/gates/access_matrix/requests.h"
#include "tests/gates/access_matrix/world.h"
#include "tests/gates/list_plans/filled_tables.h"
#include "tests/gates/list_plans/plan_log.h"
#include "tests/gates/services/services.h"

namespace lianqiao::gates {
namespace {

using contract::Method;
using contract::Standard;

// Methods that count whatever their caller sees; for the whole platform that is the whole table.
const std::set<std::string> kCounts = {
    "/lianqiao.registry.v1.RegistryStatisticsService/GetRegistryStatistics",
    "/lianqiao.resources.v1.ResourceStatisticsService/GetResourceStatistics"};

constexpr char kRestrictedRead[] = "research.ranking_record.restricted.read";

// Rows of each table. Of the services that follow, which have several times the registry's kinds, enough for
// the planner to prefer an index, in a time that a gate may take.
int RowsOf(const Follower& follower) {
  return follower.definition == nullptr ? 100000 : 20000;
}

// The schema of the service that is looked at.
std::string SchemaOf(const Follower& follower) {
  return follower.definition == nullptr ? "alliance_registry"
                                        : absl::StrReplaceAll(follower.definition().name, {{"-", "_"}});
}

class EveryKind : public WorldFixture, public ::testing::WithParamInterface<Follower> {
 protected:
  EveryKind() {
    if (GetParam().definition != nullptr) Follow();
    const std::string database = subject_->Query("SELECT current_database()")->Text(0, 0);
    const absl::Time start = absl::Now();
    log_->Run(database, Statements());
    PlanLog::Analyze(database);
    log_->Skip();
    std::cout << "filled in " << absl::Now() - start << "\n";
    Add("city", access::ScopeKind::kJurisdiction, FilledCity());
    Add("county", access::ScopeKind::kJurisdiction, FilledCounty(70));
    Add("school", access::ScopeKind::kOrganisation,
        FilledId(subject_->contract(), "organisation", rows_ * 7 / 10));
    for (const auto& resource : subject_->contract().resources()) big_.insert(resource->kind);
    big_.insert({"external_id", "redirect", "revision", "idempotency"});
    big_.erase("school_year");  // One a year.
  }
  ~EveryKind() override { log_->SetPlanCacheMode("auto"); }

  void Follow() {
    follower_ = std::make_unique<testing::TestService>(GetParam().definition(),
                                                       std::vector<testing::TestService*>{&service_});
    follower_->CatchUp();
    subject_ = follower_.get();
    AddOtherKinds(*subject_, &home_);
  }

  std::vector<std::string> Statements() {
    std::vector<std::string> statements = FillStatements(subject_->contract(), home_.ids, rows_);
    if (GetParam().definition == nullptr) return statements;
    for (const runtime::Follow& follow : GetParam().definition().follows) {
      for (const feed::CopiedKind& copied : follow.projection.kinds) {
        if (!home_.ids.contains(copied.kind) || copied.kind == "school_year" || copied.kind == "term")
          continue;  // One or two a year.
        statements.push_back(FillCopy(subject_->contract(), service_.contract(), copied.kind,
                                      home_.ids.at(copied.kind), rows_));
        big_.insert("registry_" + copied.kind);
      }
    }
    return statements;
  }

  void Add(const std::string& token, access::ScopeKind kind, const std::string& id) {
    // Restricted rights act by their names only.
    subject_->AddCaller(token,
                        access::testing::MakeCaller({access::testing::MakeGrant("*.read", kind, id),
                                                     access::testing::MakeGrant(kRestrictedRead, kind, id)}));
  }

  // Fails on every statement since the last time that reads one of the tables from end to end.
  void ExpectNoScans(const std::string& text, const std::string& what) {
    for (const absl::string_view entry : absl::StrSplit(log_->Take(text), " LOG:  ")) {
      for (const absl::string_view line : absl::StrSplit(entry, '\n')) {
        const size_t at = line.find("Seq Scan on ");
        if (at == absl::string_view::npos) continue;
        const std::string table(line.substr(at + 12, line.find_first_of(" \n", at + 12) - at - 12));
        if (!big_.contains(table)) continue;
        ADD_FAILURE() << what << " reads all " << rows_ << " rows of " << table
                      << ". Add an index that serves the statement, or write it so that its plan can be kept "
                         "(text and cast for array parameters, one statement per case).\n"
                      << entry.substr(0, 4000);
        break;
      }
    }
  }

  std::string Page(const Method& method, const std::string& token, const std::string& filter,
                   const std::string& order_by, const std::string& page_token) {
    type::v1::ListRequest request;
    request.set_filter(filter);
    request.set_order_by(order_by);
    request.set_page_token(page_token);
    const auto page = NewMessage(method.descriptor->output_type());
    const absl::Status status = subject_->Invoke(method.path, request, page.get(), token);
    EXPECT_TRUE(status.ok()) << method.path << " {" << request.ShortDebugString() << "}: " << status;
    const auto* next = page->GetDescriptor()->FindFieldByName("next_page_token");
    return page->GetReflection()->GetString(*page, next);
  }

  // First and second page as every caller.
  void Pages(const Method& method, const std::string& filter, const std::string& order_by) {
    for (const char* token : {"operator", "city", "county", "school"}) {
      const std::string next = Page(method, token, filter, order_by, "");
      if (!next.empty()) Page(method, token, filter, order_by, next);
    }
  }

  void ListEverything(const std::string& mode) {
    for (const auto& method : subject_->contract().methods()) {
      if (method->standard != Standard::kList) continue;
      Pages(*method, "", "");
      Pages(*method, "", "id desc");
      for (const contract::Field& field : method->resource->fields) {
        if (field.rule->orderable()) {
          Pages(*method, "", field.name);
          Pages(*method, "", field.name + " desc");
        }
        const std::string kind = ReferencedKind(field);
        if (!kind.empty() && !field.array && !field.rule->not_filterable())
          Pages(*method,
                absl::StrCat(field.name, " = \"", FilledId(subject_->contract(), kind, rows_ / 2), "\""), "");
      }
      ExpectNoScans(absl::StrCat("FROM ", method->resource->kind, " t"),
                    absl::StrCat("with ", mode, ", ", method->path));
    }
  }

  // As the access matrix calls them: all checks and facts. What can be repeated is really written.
  void MakeReal(const Method& method, Message* request) {
    const auto* validate_only = request->GetDescriptor()->FindFieldByName("validate_only");
    const auto* request_id = request->GetDescriptor()->FindFieldByName("request_id");
    const bool repeatable = method.standard == Standard::kCreate || method.standard == Standard::kUpdate ||
                            method.standard == Standard::kBatchUpsert;
    if (validate_only != nullptr && repeatable)
      request->GetReflection()->SetBool(request, validate_only, false);
    if (request_id != nullptr)
      request->GetReflection()->SetString(request, request_id, absl::StrCat("plan-", ++calls_));
  }

  void CallEverything(const std::string& mode) {
    for (const auto& method : subject_->contract().methods()) {
      // One call of a stream has no end; what streams read is what their unary siblings read.
      if (method->descriptor->client_streaming() || method->descriptor->server_streaming()) continue;
      const contract::Resource* resource = method->resource;
      const std::string& named = method->access->scope_kind();
      const std::string kind = resource != nullptr ? resource->kind : named.substr(named.find('/') + 1);
      const std::string id = kind.empty() ? "" : home_.ids.at(kind);
      std::unique_ptr<Message> stored;
      if (method->standard == Standard::kUpdate || method->standard == Standard::kBatchUpsert) {
        type::v1::GetRequest get;
        get.set_id(id);
        stored = NewMessage(resource->descriptor);
        const std::string noun = resource->descriptor->name();
        ASSERT_TRUE(
            subject_->Invoke(absl::StrCat(noun, "Service/Get", noun), get, stored.get(), "operator").ok());
      }
      const auto request = RequestOf(subject_->contract(), *method, home_, id, stored.get());
      MakeReal(*method, request.get());
      const auto response = NewMessage(method->descriptor->output_type());
      const absl::Status status = subject_->Invoke(method->path, *request, response.get(), "operator");
      EXPECT_FALSE(absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
                   absl::IsInternal(status))
          << method->path << ": " << status;
      if (kCounts.contains(method->path) || GetParam().counting_methods.contains(method->path)) {
        log_->Skip();
        continue;
      }
      ExpectNoScans("", absl::StrCat("with ", mode, ", ", method->path));
    }
  }

  const int rows_ = RowsOf(GetParam());
  std::unique_ptr<PlanLog> log_ = std::make_unique<PlanLog>(SchemaOf(GetParam()));
  testing::TestService* subject_ = &service_;
  std::unique_ptr<testing::TestService> follower_;
  int calls_ = 0;
  std::set<std::string> big_;
};

TEST_P(EveryKind, NoStatementReadsAWholeTable) {
  for (const char* mode : {"force_custom_plan", "force_generic_plan"}) {
    log_->SetPlanCacheMode(mode);
    const absl::Time start = absl::Now();
    ListEverything(mode);
    CallEverything(mode);
    std::cout << mode << " in " << absl::Now() - start << "\n";
  }
  // What has no index is seen: the gate is awake.
  const std::string table = subject_->contract().resources().back()->kind;
  ASSERT_TRUE(
      subject_->Query(absl::StrCat("SELECT count(*) FROM ", table, " t WHERE delete_time < now()")).ok());
  EXPECT_TRUE(
      absl::StrContains(log_->Take(absl::StrCat("FROM ", table, " t WHERE delete_time")), "Seq Scan on"));
}

INSTANTIATE_TEST_SUITE_P(Followers, EveryKind, ::testing::ValuesIn(Followers()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Services, EveryKind, ::testing::Values(Follower{"registry", nullptr}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace lianqiao::gates
