// SPDX-License-Identifier: Apache-2.0
// Audiences that open downwards: what is open to a county is read by every school of it, and by nobody else
// below the city; by get, list, filter, search, feed, snapshot and export alike.
#include "lianqiao/resources/v1/resource_rating.pb.h"
#include "lianqiao/resources/v1/resource_search.pb.h"
#include "lianqiao/resources/v1/resource_use.pb.h"
#include "lianqiao/sync/v1/digest.pb.h"
#include "lianqiao/sync/v1/export.pb.h"
#include "lianqiao/sync/v1/feed.pb.h"
#include "libs/base/clock.h"
#include "tests/conformance/feed_copy.h"
#include "tests/conformance/resources_world.h"

namespace lianqiao::conformance {
namespace {

using access::ScopeKind;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class Audience : public ResourcesWorld {
 protected:
  resources::ResourceItem ForCounty() {
    return Published(near_school_, resources::RESOURCE_AUDIENCE_COUNTY, resources::RESOURCE_LEVEL_COUNTY);
  }
  std::vector<std::string> Listed(const std::string& token, const std::string& filter = "") {
    type::v1::ListRequest request;
    request.set_filter(filter);
    const auto page = resources_.Call<resources::ListResourceItemsResponse>(
        "ResourceItemService/ListResourceItems", request, token);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> ids;
    if (!page.ok()) return ids;
    for (const auto& item : page->resource_items()) ids.push_back(item.id());
    return ids;
  }
  int Found(const std::string& token) {
    resources::SearchResourcesRequest request;
    request.set_query("分数");
    const auto found = resources_.Call<resources::SearchResourcesResponse>(
        "ResourceSearchService/SearchResources", request, token);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? found->hits_size() : -1;
  }
  // By every way of reading.
  void ExpectSeen(const std::string& id, const std::string& token, bool seen) {
    EXPECT_EQ(See(id, token).ok(), seen) << token;
    EXPECT_EQ(Listed(token, "id = \"" + id + "\"").size(), seen ? 1 : 0) << token;
    EXPECT_EQ(Found(token), seen ? 1 : 0) << token;
    FeedCopy copy(&resources_, token, {"resource_item"});
    copy.CatchUp();
    EXPECT_EQ(copy.Holds(id), seen) << token;
    type::v1::BatchGetRequest batch;
    batch.add_ids(id);
    EXPECT_EQ(resources_
                  .Call<resources::BatchGetResourceItemsResponse>("ResourceItemService/BatchGetResourceItems",
                                                                  batch, token)
                  .ok(),
              seen)
        << token;
  }
  void EndMembership(const std::string& id) {
    type::v1::TransitionRequest end;
    end.set_id(id);
    end.set_reason("退出");
    const auto ended = service_.Call<registry::Membership>("MembershipService/EndMembership", end);
    ASSERT_TRUE(ended.ok()) << ended.status();
    CatchUp();
  }
};

TEST_F(Audience, ACountysSchoolsReadWhatIsOpenToIt) {
  const std::string id = ForCounty().id();
  for (const char* token : {"near_school", "near_other", "near_office", "near", "city", "operator"})
    ExpectSeen(id, token, true);
  for (const char* token : {"far_school", "far"}) ExpectSeen(id, token, false);
}

TEST_F(Audience, ACitysSchoolsReadWhatIsOpenToIt) {
  const std::string id =
      Published(near_school_, resources::RESOURCE_AUDIENCE_CITY, resources::RESOURCE_LEVEL_CITY).id();
  for (const char* token : {"near_school", "near_other", "far_school", "far", "near", "city"})
    ExpectSeen(id, token, true);
  const std::string other_city =
      Place(registry::JURISDICTION_KIND_CITY, registry::JURISDICTION_LEVEL_CITY, "汉中市",
            service_.Query("SELECT parent_id FROM jurisdiction WHERE id = '" + city_id_ + "'")->Text(0, 0))
          .id();
  AddReader("other_school", ScopeKind::kOrganisation, School("汉中市第一小学", other_city).id());
  AddReader("other_city", ScopeKind::kJurisdiction, other_city);
  CatchUp();
  for (const char* token : {"other_school", "other_city"}) ExpectSeen(id, token, false);
  const std::string province =
      Published(near_school_, resources::RESOURCE_AUDIENCE_PROVINCE, resources::RESOURCE_LEVEL_PROVINCE).id();
  EXPECT_TRUE(See(province, "other_school").ok());
  EXPECT_TRUE(See(province, "other_city").ok());
}

TEST_F(Audience, OnlyReadingOpensDownwards) {
  const auto item = ForCounty();
  const auto seen = Look(item.id(), "near_other");
  ASSERT_TRUE(seen.ok()) << seen.status();
  resources::ResourceItem changed = *seen;
  changed.set_summary("改写");
  EXPECT_TRUE(absl::IsPermissionDenied(Edit(changed, {"summary"}, "near_other")));
  EXPECT_TRUE(absl::IsPermissionDenied(Move("Retire", item.id(), "near_other", "过时").status()));
  EXPECT_TRUE(absl::IsNotFound(Edit(changed, {"summary"}, "far_school")));
  EXPECT_TRUE(Edit(changed, {"summary"}, "near_school").ok());
}

TEST_F(Audience, AnAuthorIsNotShownWithThePlace) {
  resources::ResourceItem item =
      NewItem(near_school_, resources::RESOURCE_AUDIENCE_COUNTY, resources::RESOURCE_LEVEL_COUNTY);
  item.set_state(resources::RESOURCE_STATE_PUBLISHED);
  item.set_published_on(base::BusinessDate(resources_.clock().Now()));
  item.set_author_id("teacher-7");
  const auto made = Make(item);
  ASSERT_TRUE(made.ok()) << made.status();
  const auto grants = [](const std::string& id) {
    return std::vector<access::Grant>{
        access::testing::MakeGrant("resources.*", ScopeKind::kOrganisation, id),
        access::testing::MakeGrant("resources.*.personal", ScopeKind::kOrganisation, id)};
  };
  resources_.AddCaller("own_person", access::testing::MakeCaller(grants(near_school_)));
  resources_.AddCaller("other_person", access::testing::MakeCaller(grants(near_other_)));
  EXPECT_EQ(Look(made->id(), "own_person")->author_id(), "teacher-7");
  EXPECT_EQ(Look(made->id(), "other_person")->author_id(), "");
}

TEST_F(Audience, NothingIsOpenBeforeItIsPublishedOrAfter) {
  const auto item =
      Make(NewItem(near_school_, resources::RESOURCE_AUDIENCE_COUNTY, resources::RESOURCE_LEVEL_COUNTY));
  ASSERT_TRUE(item.ok()) << item.status();
  ExpectSeen(item->id(), "near_other", false);
  const std::string id = ForCounty().id();
  FeedCopy copy(&resources_, "near_other", {"resource_item"});
  copy.CatchUp();
  EXPECT_TRUE(copy.Holds(id));
  ASSERT_TRUE(Move("Retire", id, "near_school", "过时").ok());
  EXPECT_TRUE(absl::IsNotFound(See(id, "near_other")));
  EXPECT_TRUE(See(id, "near").ok()) << "its own bureau";
  const auto told = copy.CatchUp();
  ASSERT_EQ(told.size(), 1);
  EXPECT_EQ(told[0].event(), sync::v1::Change::EVENT_LEAVE);
  EXPECT_FALSE(copy.Holds(id));
}

TEST_F(Audience, ASchoolThatMovesReadsByItsNewPlaceFromThenOn) {
  const std::string near = ForCounty().id();
  const std::string far = Published(far_school_, resources::RESOURCE_AUDIENCE_COUNTY,
                                    resources::RESOURCE_LEVEL_COUNTY, "", "圆的面积")
                              .id();
  FeedCopy copy(&resources_, "near_other", {"resource_item"});
  copy.CatchUp();
  EXPECT_TRUE(copy.Holds(near));
  MoveSchool(near_other_, far_id_);
  // Its grant is the same; where it lies is another.
  EXPECT_TRUE(absl::IsNotFound(See(near, "near_other")));
  EXPECT_TRUE(See(far, "near_other").ok());
  EXPECT_THAT(Listed("near_other"), UnorderedElementsAre(far));
  copy.CatchUp();
  EXPECT_FALSE(copy.Holds(near)) << "the feed takes away what its place took";
  EXPECT_TRUE(copy.Holds(far)) << "and brings what the new one opens";
}

TEST_F(Audience, AMovedCountyTakesItsSchoolsAlong) {
  const std::string province =
      service_.Query("SELECT parent_id FROM jurisdiction WHERE id = '" + city_id_ + "'")->Text(0, 0);
  const std::string other_city =
      Place(registry::JURISDICTION_KIND_CITY, registry::JURISDICTION_LEVEL_CITY, "汉中市", province).id();
  const std::string id =
      Published(near_school_, resources::RESOURCE_AUDIENCE_CITY, resources::RESOURCE_LEVEL_CITY).id();
  EXPECT_TRUE(See(id, "far_school").ok());
  registry::UpdateJurisdictionRequest move;
  move.mutable_jurisdiction()->set_id(far_id_);
  move.mutable_jurisdiction()->set_parent_id(other_city);
  const auto moved = service_.Call<registry::Jurisdiction>("JurisdictionService/UpdateJurisdiction", move);
  ASSERT_TRUE(moved.ok()) << moved.status();
  while (*service_.engine().RestampSome(absl::Now() + absl::Seconds(30)) > 0) continue;
  CatchUp();
  EXPECT_TRUE(absl::IsNotFound(See(id, "far_school")));
  EXPECT_TRUE(absl::IsNotFound(See(id, "far")));
  EXPECT_TRUE(See(id, "near_other").ok());
}

TEST_F(Audience, AnAllianceOpensToItsPartiesAndWhatLiesInThem) {
  const std::string alliance = Alliance(registry::ALLIANCE_TYPE_CROSS_COUNTY, city_id_).id();
  Join(alliance, near_school_, true);
  const std::string far_party = Join(alliance, far_school_).id();
  CatchUp();
  const std::string id = Published(near_school_, resources::RESOURCE_AUDIENCE_ALLIANCE,
                                   resources::RESOURCE_LEVEL_SCHOOL, alliance)
                             .id();
  ExpectSeen(id, "far_school", true);
  ExpectSeen(id, "near_other", false);
  EXPECT_TRUE(absl::IsNotFound(See(id, "far"))) << "above a party, not in it";
  EndMembership(far_party);
  EXPECT_TRUE(absl::IsNotFound(See(id, "far_school"))) << "without any job of this service";
  EXPECT_TRUE(See(id, "near_school").ok());
}

TEST_F(Audience, AnAllianceOfCountiesOpensToAllTheirSchools) {
  const std::string alliance = Alliance(registry::ALLIANCE_TYPE_COUNTY, city_id_).id();
  Join(alliance, near_id_, true);
  Join(alliance, far_id_);
  CatchUp();
  const std::string id = Published(near_school_, resources::RESOURCE_AUDIENCE_ALLIANCE,
                                   resources::RESOURCE_LEVEL_SCHOOL, alliance)
                             .id();
  for (const char* token : {"near_other", "far_school", "far", "near_office"}) ExpectSeen(id, token, true);
  const std::string third =
      Place(registry::JURISDICTION_KIND_COUNTY, registry::JURISDICTION_LEVEL_COUNTY, "太白县", city_id_).id();
  AddReader("third_school", ScopeKind::kOrganisation, School("太白县第一小学", third).id());
  CatchUp();
  ExpectSeen(id, "third_school", false);
}

TEST_F(Audience, AGrantOnAnAllianceOpensWhatIsOpenToItAndNoOthersPlace) {
  const std::string alliance = Alliance(registry::ALLIANCE_TYPE_CROSS_COUNTY, city_id_).id();
  const std::string near_party = Join(alliance, near_other_, true).id();
  Join(alliance, far_school_);
  CatchUp();
  AddReader("by_role", ScopeKind::kAlliance, alliance, near_other_);
  AddReader("no_role", ScopeKind::kAlliance, alliance, near_school_);
  const std::string id = Published(far_school_, resources::RESOURCE_AUDIENCE_ALLIANCE,
                                   resources::RESOURCE_LEVEL_SCHOOL, alliance)
                             .id();
  const std::string county = ForCounty().id();
  const std::string far_county =
      Published(far_school_, resources::RESOURCE_AUDIENCE_COUNTY, resources::RESOURCE_LEVEL_COUNTY).id();
  EXPECT_TRUE(See(id, "by_role").ok());
  EXPECT_TRUE(absl::IsNotFound(See(id, "no_role")));
  EXPECT_TRUE(absl::IsNotFound(See(county, "by_role"))) << "its grant is on the alliance, not on its county";
  EXPECT_TRUE(absl::IsNotFound(See(far_county, "by_role"))) << "nor on another party's";
  EndMembership(near_party);
  EXPECT_TRUE(absl::IsNotFound(See(id, "by_role")));
}

TEST_F(Audience, WhatHangsOnAnItemOpensWithIt) {
  const std::string id = ForCounty().id();
  resources::CreateResourceUseRequest use;
  use.mutable_resource_use()->set_resource_item_id(id);
  use.mutable_resource_use()->set_consumer_organisation_id(near_other_);
  use.mutable_resource_use()->set_purpose(resources::USE_PURPOSE_LESSON);
  use.mutable_resource_use()->set_used_on(base::BusinessDate(resources_.clock().Now()));
  use.mutable_resource_use()->set_use_count(2);
  const auto used =
      resources_.Call<resources::ResourceUse>("ResourceUseService/CreateResourceUse", use, "near_other");
  ASSERT_TRUE(used.ok()) << used.status();
  resources::CreateResourceRatingRequest rate;
  rate.mutable_resource_rating()->set_resource_item_id(id);
  rate.mutable_resource_rating()->set_consumer_organisation_id(near_other_);
  rate.mutable_resource_rating()->set_stars(5);
  rate.mutable_resource_rating()->set_rated_on(base::BusinessDate(resources_.clock().Now()));
  const auto rated = resources_.Call<resources::ResourceRating>("ResourceRatingService/CreateResourceRating",
                                                                rate, "near_other");
  ASSERT_TRUE(rated.ok()) << rated.status();
  type::v1::GetRequest get;
  const auto reads = [&](const std::string& method, const std::string& record, const std::string& token) {
    get.set_id(record);
    return resources_.Raw(method, get.SerializeAsString(), token).status;
  };
  const std::string get_rating = "ResourceRatingService/GetResourceRating";
  const std::string get_use = "ResourceUseService/GetResourceUse";
  EXPECT_TRUE(reads(get_rating, rated->id(), "near_office").ok()) << "to whom the item is open";
  EXPECT_TRUE(absl::IsNotFound(reads(get_rating, rated->id(), "far_school")));
  EXPECT_TRUE(reads(get_use, used->id(), "near_school").ok()) << "who gives it";
  EXPECT_TRUE(absl::IsNotFound(reads(get_use, used->id(), "near_office"))) << "uses are not for all";
  ASSERT_TRUE(Move("Retire", id, "near_school", "过时").ok());
  Stamp();
  EXPECT_TRUE(absl::IsNotFound(reads(get_rating, rated->id(), "near_office")));
  EXPECT_TRUE(reads(get_rating, rated->id(), "near_other").ok()) << "its own";
}

TEST_F(Audience, WhatCannotBeReadCannotBeUsed) {
  const std::string id = ForCounty().id();
  resources::CreateResourceUseRequest use;
  use.mutable_resource_use()->set_resource_item_id(id);
  use.mutable_resource_use()->set_consumer_organisation_id(far_school_);
  use.mutable_resource_use()->set_purpose(resources::USE_PURPOSE_LESSON);
  use.mutable_resource_use()->set_used_on(base::BusinessDate(resources_.clock().Now()));
  use.mutable_resource_use()->set_use_count(1);
  const absl::Status refused =
      resources_.Call<resources::ResourceUse>("ResourceUseService/CreateResourceUse", use, "far_school")
          .status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
  EXPECT_THAT(base::FailureOf(refused).ShortDebugString(), ::testing::HasSubstr("REFERENCE_NOT_FOUND"));
}

TEST_F(Audience, WithoutAGrantNothingIsOpen) {
  const std::string id = ForCounty().id();
  AddReader("nowhere", ScopeKind::kOrganisation, base::RandomId());
  EXPECT_TRUE(absl::IsNotFound(See(id, "nowhere")));
  EXPECT_THAT(Listed("nowhere"), IsEmpty());
  resources_.AddCaller("no_right", access::testing::MakeCaller({access::testing::MakeGrant(
                                       "registry.*.read", ScopeKind::kOrganisation, near_other_)}));
  EXPECT_TRUE(absl::IsPermissionDenied(See(id, "no_right")));
}

TEST_F(Audience, ASnapshotHoldsWhatItsReaderMayRead) {
  const std::string id = ForCounty().id();
  const auto snapshot = [&](const std::string& token) {
    sync::v1::StartSnapshotRequest start;
    start.add_kinds("resource_item");
    return resources_.Call<sync::v1::StartSnapshotResponse>("/lianqiao.sync.v1.FeedService/StartSnapshot",
                                                            start, token);
  };
  EXPECT_TRUE(snapshot("near_other").ok()) << snapshot("near_other").status();
  const auto count = [&](const std::string& token) -> int64_t {
    sync::v1::GetDigestRequest request;
    request.add_kinds("resource_item");
    const auto digest =
        resources_.Call<sync::v1::Digest>("/lianqiao.sync.v1.DigestService/GetDigest", request, token);
    EXPECT_TRUE(digest.ok()) << digest.status();
    return digest.ok() ? digest->parts(0).record_count() : -1;
  };
  EXPECT_EQ(count("near_other"), 1);
  EXPECT_EQ(count("far_school"), 0);
}

TEST_F(Audience, AnExportHoldsWhatItsReaderMayRead) {
  ForCounty();
  const auto exported = [&](const std::string& token) -> int64_t {
    sync::v1::CreateExportRequest request;
    request.add_kinds("resource_item");
    request.set_format(sync::v1::CreateExportRequest::FORMAT_NDJSON);
    const auto made =
        resources_.Call<sync::v1::Export>("/lianqiao.sync.v1.ExportService/CreateExport", request, token);
    EXPECT_TRUE(made.ok()) << made.status();
    while (resources_.exports().RunSome(absl::Now() + absl::Seconds(30)).value_or(false)) continue;
    sync::v1::GetExportRequest get;
    get.set_id(made->id());
    const auto done =
        resources_.Call<sync::v1::Export>("/lianqiao.sync.v1.ExportService/GetExport", get, token);
    EXPECT_TRUE(done.ok()) << done.status();
    EXPECT_EQ(done->state(), sync::v1::Export::STATE_SUCCEEDED);
    return done->record_count();
  };
  EXPECT_EQ(exported("near_other"), 1);
  EXPECT_EQ(exported("far_school"), 0);
}

}  // namespace
}  // namespace lianqiao::conformance
