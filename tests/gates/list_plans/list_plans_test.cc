// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/testing/service.h"
#include "services/alliance-registry/registry.h"
#include "tests/gates/list_plans/plan_log.h"

namespace lianqiao::gates {
namespace {

constexpr char kCity[] = "10000000-0000-7000-8000-000000000000";

// 100 counties of one city with 1,000 organisations each.
constexpr char kCounties[] =
    "INSERT INTO jurisdiction (id, revision, create_time, update_time, bucket, scope, write_scope, name, "
    "kind, level)"
    " SELECT ('10000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 1, now(), now(), 0,"
    " ARRAY['10000000-0000-7000-8000-000000000000', '10000000-0000-7000-8000-' || lpad(n::text, 12, "
    "'0')]::uuid[],"
    " ARRAY[]::uuid[], 'county ' || n, 'JURISDICTION_KIND_COUNTY', 'JURISDICTION_LEVEL_COUNTY'"
    " FROM generate_series(0, 100) n";
constexpr char kOrganisations[] =
    "INSERT INTO organisation (id, revision, create_time, update_time, bucket, scope, write_scope, name, "
    "kind, status,"
    " jurisdiction_id, division_id, parent_organisation_id, school_code, opened_on)"
    " SELECT ('20000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 1, now(), now(), 0,"
    " ARRAY['10000000-0000-7000-8000-000000000000', c.id::text, '20000000-0000-7000-8000-' || lpad(n::text, "
    "12, '0')]"
    "::uuid[], ARRAY[c.id], 'school ' || md5(n::text), 'ORGANISATION_KIND_SCHOOL', "
    "'ORGANISATION_STATUS_ACTIVE', c.id, c.id,"
    " ('20000000-0000-7000-8000-' || lpad((n - n % 50)::text, 12, '0'))::uuid,"
    " CASE WHEN n % 10 = 0 THEN '' ELSE '2161' || lpad(n::text, 6, '0') END, '2000-09-01'"
    " FROM generate_series(0, 99999) n"
    " JOIN jurisdiction c ON c.id = ('10000000-0000-7000-8000-' || lpad((n / 1000 + 1)::text, 12, "
    "'0'))::uuid";

std::string County(int n) {
  return absl::StrCat("10000000-0000-7000-8000-", absl::Dec(n, absl::kZeroPad12));
}
std::string School(int n) {
  return absl::StrCat("20000000-0000-7000-8000-", absl::Dec(n, absl::kZeroPad12));
}

class ListPlans : public ::testing::Test {
 protected:
  ListPlans() {
    Run(kCounties);
    Run(kOrganisations);
    PlanLog::Analyze(service_.Query("SELECT current_database()")->Text(0, 0));
    log_.Skip();
    Add("city", access::ScopeKind::kJurisdiction, kCity);
    Add("county", access::ScopeKind::kJurisdiction, County(70));
    Add("school", access::ScopeKind::kOrganisation, School(70000));
  }

  void Run(const std::string& sql) {
    const auto result = service_.Query(sql);
    ASSERT_TRUE(result.ok()) << result.status();
  }
  void Add(const std::string& token, access::ScopeKind kind, const std::string& id) {
    service_.AddCaller(token, access::testing::MakeCaller({access::testing::MakeGrant("*.read", kind, id)}));
  }

  // Lists, and fails on every node of the plan that reads the table from end to end.
  registry::v1::ListOrganisationsResponse Expect(const std::string& token, type::v1::ListRequest request) {
    const auto page = service_.Call<registry::v1::ListOrganisationsResponse>(
        "OrganisationService/ListOrganisations", request, token);
    EXPECT_TRUE(page.ok()) << page.status();
    const std::string plans = log_.Take("FROM organisation t WHERE");
    EXPECT_FALSE(absl::StrContains(plans, "Seq Scan on organisation"))
        << "As " << token << ", ListOrganisations {" << request.ShortDebugString()
        << "} reads all 100,000 rows. Add an index that serves it (a field may be `orderable` only with "
           "one), or "
        << "refuse what it asks for.\n"
        << plans;
    return page.ok() ? *page : registry::v1::ListOrganisationsResponse();
  }

  // First and second page as every caller.
  void ExpectPages(const std::string& filter, const std::string& order_by) {
    for (const char* token : {"operator", "city", "county", "school"}) {
      type::v1::ListRequest request;
      request.set_filter(filter);
      request.set_order_by(order_by);
      const auto first = Expect(token, request);
      if (first.next_page_token().empty()) continue;
      request.set_page_token(first.next_page_token());
      Expect(token, request);
    }
  }

  PlanLog log_{"alliance_registry"};
  testing::TestService service_{registry::RegistryDefinition()};
};

TEST_F(ListPlans, NoListOfOrganisationsReadsTheWholeTable) {
  const contract::Resource& organisation = *service_.contract().FindKind("organisation");
  ExpectPages("", "");
  ExpectPages("", "id desc");
  for (const contract::Field& field : organisation.fields) {
    if (field.rule->orderable()) {
      ExpectPages("", field.name);
      ExpectPages("", field.name + " desc");
    }
    if (!field.array && !field.rule->reference().empty())
      ExpectPages(absl::StrCat(field.name, " = \"",
                               field.rule->reference() == "organisation" ? School(50000) : County(50), "\""),
                  "");
  }
  ExpectPages("school_code = \"2161050001\"", "");
  ExpectPages("name = \"school c*\"", "name");
  type::v1::ListRequest dated;
  dated.set_valid_on("2024-01-01");
  for (const char* token : {"operator", "county"}) Expect(token, dated);
  // What has no index is seen: the gate is awake.
  Run("SELECT count(*) FROM organisation t WHERE liaison_unit = 'nobody'");
  EXPECT_TRUE(absl::StrContains(log_.Take("FROM organisation t WHERE"), "Seq Scan on organisation"));
}

}  // namespace
}  // namespace lianqiao::gates
