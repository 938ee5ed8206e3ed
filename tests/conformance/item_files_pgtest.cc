// SPDX-License-Identifier: Apache-2.0
// Files in the editions of resource items: their audience is the item's.
#include <thread>

#include "lianqiao/resources/v1/resource_review.pb.h"
#include "lianqiao/resources/v1/resource_version.pb.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "tests/conformance/files_world.h"

namespace lianqiao::conformance {
namespace {

using access::ScopeKind;
using ::testing::ElementsAre;

class ItemFilesTest : public FilesWorld {
 protected:
  absl::StatusOr<resources::ResourceVersion> Edition(const std::string& item, const std::string& file,
                                                     const std::string& token = "school") {
    resources::CreateResourceVersionRequest request;
    request.mutable_resource_version()->set_resource_item_id(item);
    request.mutable_resource_version()->add_file_ids(file);
    return resources_.Call<resources::ResourceVersion>("ResourceVersionService/CreateResourceVersion",
                                                       request, token);
  }
  // For the alliance of both schools, at the level that the school reviews itself.
  resources::ResourceItem Draft() {
    if (alliance_.empty()) {
      alliance_ = Alliance(registry::ALLIANCE_TYPE_CROSS_COUNTY, city_id_).id();
      Join(alliance_, near_school_, true);
      Join(alliance_, far_school_);
      CatchUp();
    }
    auto item =
        NewItem(near_school_, resources::RESOURCE_AUDIENCE_ALLIANCE, resources::RESOURCE_LEVEL_SCHOOL);
    item.set_alliance_id(alliance_);
    const auto made = ResourcesWorld::Make(item, "school");
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : resources::ResourceItem();
  }
  void Publish(const std::string& id) {
    ASSERT_TRUE(Move("Submit", id, "school").ok());
    resources::CreateResourceReviewRequest request;
    resources::ResourceReview& review = *request.mutable_resource_review();
    review.set_resource_item_id(id);
    review.set_reviewer_organisation_id(near_school_);
    review.set_verdict(resources::REVIEW_VERDICT_PASSED);
    review.set_comment("目标明确");
    review.set_reviewed_on(base::BusinessDate(resources_.clock().Now()));
    const auto given = resources_.Call<resources::ResourceReview>(
        "ResourceReviewService/CreateResourceReview", request, "school");
    ASSERT_TRUE(given.ok()) << given.status();
    ASSERT_TRUE(Move("Accept", id, "school").ok());
    const auto published = Move("Publish", id, "school");
    ASSERT_TRUE(published.ok()) << published.status();
    Stamp();
  }

  // As the school says it of its file.
  absl::Status Say(const std::string& file, bool shows_minors, const std::string& basis) {
    resources::UpdateFileRequest update;
    update.mutable_file()->set_id(file);
    update.mutable_file()->set_shows_minors(shows_minors);
    update.mutable_file()->set_consent_basis(basis);
    update.mutable_update_mask()->add_paths("shows_minors");
    update.mutable_update_mask()->add_paths("consent_basis");
    return resources_.Call<resources::File>("FileService/UpdateFile", update, "school").status();
  }
  static std::vector<std::string> Fields(const absl::Status& status) {
    std::vector<std::string> fields;
    const base::Failure failure = base::FailureOf(status);
    for (const auto& violation : failure.violations()) fields.push_back(violation.field());
    return fields;
  }

  std::string alliance_;
};

TEST_F(ItemFilesTest, WhoeverReadsAnEditionReadsItsFiles) {
  const std::string bytes = Pdf(1000);
  const std::string file = Stored(NewFile(1000), bytes).id();
  const std::string other = Stored(NewFile(1000), Pdf(1000, 2)).id();
  const resources::ResourceItem item = Draft();
  const auto edition = Edition(item.id(), file);
  ASSERT_TRUE(edition.ok()) << edition.status();
  EXPECT_TRUE(absl::IsNotFound(Read(file, "far school").status()));  // A draft is open to nobody.
  Publish(item.id());
  const auto given = Read(file, "far school");
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->bytes, bytes);
  EXPECT_TRUE(absl::IsNotFound(Read(other, "far school").status()));
  EXPECT_TRUE(absl::IsNotFound(Progress(file, "far school").status()));  // Its record is the school's own.
  // While an edition names it, it stays.
  EXPECT_TRUE(absl::IsFailedPrecondition(Remove(file)) || absl::IsInvalidArgument(Remove(file)));
  EXPECT_TRUE(Remove(other).ok());
  ASSERT_TRUE(Move("Retire", item.id(), "school", "过时").ok());
  Stamp();
  EXPECT_TRUE(absl::IsNotFound(Read(file, "far school").status()));
}

// The edition is open to the alliance; the pupils in it are not.
TEST_F(ItemFilesTest, WithoutConsentNoAudienceGetsAFileThatShowsMinors) {
  const resources::File file = Stored(NewFile(1000), Pdf(1000));
  const resources::ResourceItem item = Draft();
  ASSERT_TRUE(Edition(item.id(), file.id()).ok());
  Publish(item.id());
  EXPECT_TRUE(Read(file.id(), "far school").ok());
  const absl::Status said = Say(file.id(), true, "");  // Somebody has looked closer.
  ASSERT_TRUE(said.ok()) << said;
  EXPECT_TRUE(absl::IsPermissionDenied(Read(file.id(), "far school").status()));
  EXPECT_TRUE(Read(file.id(), "school").ok());
}

// An item says of minors and consent at least what its files say: else it would be open and its files not.
TEST_F(ItemFilesTest, AnItemSaysNoLessThanItsFiles) {
  resources::File shown = NewFile(1000);
  shown.set_shows_minors(true);
  shown = Stored(shown, Pdf(1000));
  const resources::ResourceItem item = Draft();
  EXPECT_THAT(Fields(Edition(item.id(), shown.id()).status()), ElementsAre("resourceVersion.fileIds[0]"));
  ASSERT_TRUE(Say(shown.id(), true, "监护人书面同意").ok());
  EXPECT_THAT(Fields(Edition(item.id(), shown.id()).status()), ElementsAre("resourceVersion.fileIds[0]"))
      << "the item does not say that it shows minors";
  resources::ResourceItem agreed = item;
  agreed.set_shows_minors(true);
  agreed.set_consent_basis("监护人书面同意");
  const absl::Status edited = Edit(agreed, {"shows_minors", "consent_basis"}, "school");
  ASSERT_TRUE(edited.ok()) << edited;
  const auto edition = Edition(item.id(), shown.id());
  ASSERT_TRUE(edition.ok()) << edition.status();
  ASSERT_TRUE(Say(shown.id(), true, "").ok());  // The consent of one file was taken back.
  EXPECT_THAT(Fields(Move("Submit", item.id(), "school").status()), ElementsAre("consentBasis"));
  ASSERT_TRUE(Say(shown.id(), true, "监护人书面同意").ok());
  Publish(item.id());
  EXPECT_TRUE(Read(shown.id(), "far school").ok());
}

// The other way round: files that say less than their item do not leave the school through it.
TEST_F(ItemFilesTest, FilesOfAnItemWithoutConsentStayWithIt) {
  auto item =
      NewItem(near_school_, resources::RESOURCE_AUDIENCE_OWN_SCHOOL, resources::RESOURCE_LEVEL_COUNTY);
  item.clear_url();
  item.set_shows_minors(true);
  const auto made = ResourcesWorld::Make(item, "school");
  ASSERT_TRUE(made.ok()) << made.status();
  const std::string file = Stored(NewFile(1000), Pdf(1000)).id();
  const auto edition = Edition(made->id(), file);
  ASSERT_TRUE(edition.ok()) << edition.status();
  ASSERT_TRUE(Move("Submit", made->id(), "school").ok());
  resources::ResourceItem asked;
  asked.set_id(made->id());
  asked.set_reviewing_organisation_id(near_office_);
  const absl::Status named = Edit(asked, {"reviewing_organisation_id"}, "near");
  ASSERT_TRUE(named.ok()) << named;
  ASSERT_TRUE(See(made->id(), "near_office").ok());
  EXPECT_TRUE(absl::IsNotFound(Read(file, "near_office").status()));
  EXPECT_TRUE(Read(file, "school").ok());
}

// What is open to a place is read there with its files, and nowhere else.
TEST_F(ItemFilesTest, AnAudienceBelowAPlaceReadsTheBytes) {
  const std::string province =
      service_.Query("SELECT parent_id FROM jurisdiction WHERE id = '" + city_id_ + "'")->Text(0, 0);
  const std::string other_city =
      Place(registry::JURISDICTION_KIND_CITY, registry::JURISDICTION_LEVEL_CITY, "汉中市", province).id();
  AddReader("other city's school", ScopeKind::kOrganisation, School("汉中市第一小学", other_city).id());
  CatchUp();
  const struct {
    resources::ResourceAudience audience;
    resources::ResourceLevel level;
    bool near, far, other_city;
  } cases[] = {
      {resources::RESOURCE_AUDIENCE_OWN_SCHOOL, resources::RESOURCE_LEVEL_SCHOOL, false, false, false},
      {resources::RESOURCE_AUDIENCE_COUNTY, resources::RESOURCE_LEVEL_COUNTY, true, false, false},
      {resources::RESOURCE_AUDIENCE_CITY, resources::RESOURCE_LEVEL_CITY, true, true, false},
      {resources::RESOURCE_AUDIENCE_PROVINCE, resources::RESOURCE_LEVEL_PROVINCE, true, true, true}};
  unsigned seed = 10;
  for (const auto& known : cases) {
    const std::string bytes = Pdf(1000, ++seed);
    const std::string file = Stored(NewFile(1000), bytes).id();
    const std::string item = Published(near_school_, known.audience, known.level).id();
    resources::BatchUpsertResourceVersionsRequest request;  // As a source system brings it.
    request.set_source_system("cloud");
    resources::ResourceVersion& version = *request.add_resource_versions();
    version.set_resource_item_id(item);
    version.add_file_ids(file);
    version.add_external_ids()->set_system("cloud");
    version.mutable_external_ids(0)->set_id(file);
    const auto made = resources_.Call<resources::BatchUpsertResourceVersionsResponse>(
        "ResourceVersionService/BatchUpsertResourceVersions", request);
    ASSERT_TRUE(made.ok()) << made.status();
    ASSERT_EQ(made->results(0).outcome(), type::v1::UpsertResult::CREATED) << made->DebugString();
    const std::pair<const char*, bool> readers[] = {{"school", true},
                                                    {"near_other", known.near},
                                                    {"far school", known.far},
                                                    {"other city's school", known.other_city}};
    for (const auto& [token, reads] : readers) {
      const auto given = Read(file, token);
      EXPECT_EQ(given.ok(), reads) << known.audience << token << given.status();
      if (given.ok()) {
        EXPECT_EQ(given->bytes, bytes);
      } else {
        EXPECT_TRUE(absl::IsNotFound(given.status())) << given.status();
      }
    }
  }
}

TEST_F(ItemFilesTest, ADeletedEditionComesBackOnlyWithItsFiles) {
  const resources::ResourceItem item = Draft();
  const std::string file = Stored(NewFile(1000), Pdf(1000)).id();
  const auto edition = Edition(item.id(), file);
  ASSERT_TRUE(edition.ok()) << edition.status();
  type::v1::DeleteRequest request;
  request.set_id(edition->id());
  const auto call = [&](const std::string& verb) {
    return resources_
        .Call<resources::ResourceVersion>("ResourceVersionService/" + verb + "ResourceVersion", request,
                                          "school")
        .status();
  };
  ASSERT_TRUE(call("Delete").ok());
  ASSERT_TRUE(call("Undelete").ok());
  ASSERT_TRUE(call("Delete").ok());
  ASSERT_TRUE(Remove(file).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(call("Undelete"))) << "its file is gone";
}

// An edition that names a file while that is removed: one of the two wins.
TEST_F(ItemFilesTest, NoRaceLeavesAnEditionWithoutItsFile) {
  const resources::ResourceItem item = Draft();
  for (int round = 0; round < 20; ++round) {
    const std::string file = Stored(NewFile(1000), Pdf(1000)).id();
    absl::Status removed;
    std::thread remover([&] { removed = Remove(file); });
    const auto edition = Edition(item.id(), file);
    remover.join();
    EXPECT_NE(edition.ok(), removed.ok()) << round << edition.status() << removed;
  }
  EXPECT_EQ(resources_
                .Query("SELECT count(*) FROM resource_version v JOIN file f ON f.id = ANY(v.file_ids)"
                       " WHERE f.delete_time IS NOT NULL")
                ->Integer(0, 0),
            0);
}

// The items of a school that was merged get their next editions from the one that it was merged into.
TEST_F(ItemFilesTest, TheHeirOfASchoolGoesOnWithItsItems) {
  const resources::ResourceItem item = Draft();
  const auto quota = MakeQuota(near_id_, near_other_, int64_t{1} << 30, "near");
  ASSERT_TRUE(quota.ok()) << quota.status();
  resources::File file = NewFile(1000);
  file.set_organisation_id(near_other_);
  file.set_storage_quota_id(quota->id());
  file = Stored(file, Pdf(1000), "near_other");
  EXPECT_THAT(Fields(Edition(item.id(), file.id()).status()), ElementsAre("resourceVersion.fileIds[0]"));
  registry::MergeRequest request;
  request.add_source_ids(near_school_);
  request.set_target_id(near_other_);
  request.set_document("合并示例");
  const auto merged =
      service_.Call<registry::MergeOrganisationsResponse>("OrganisationService/MergeOrganisations", request);
  ASSERT_TRUE(merged.ok()) << merged.status();
  CatchUp();
  const auto edition = Edition(item.id(), file.id(), "near");
  EXPECT_TRUE(edition.ok()) << edition.status();
}

TEST_F(ItemFilesTest, AnEditionNamesWholeFilesOfItsAuthor) {
  const resources::ResourceItem item = Draft();
  const std::string begun = Made(NewFile(1000)).id();
  EXPECT_FALSE(Edition(item.id(), begun).ok());
  ASSERT_TRUE(Upload(begun, Pdf(1000)).ok());
  EXPECT_TRUE(Edition(item.id(), begun).ok());
  EXPECT_FALSE(Edition(item.id(), item.id()).ok());  // No file at all.
}

}  // namespace
}  // namespace lianqiao::conformance
