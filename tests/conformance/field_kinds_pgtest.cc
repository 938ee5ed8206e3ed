// SPDX-License-Identifier: Apache-2.0
// Every kind of field that can be stored goes through the whole engine: table, revision, past, repetition,
// batch.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/store/codec.h"
#include "libs/testing/service.h"
#include "tests/conformance/testdata/specimen.pb.h"

namespace lianqiao::conformance {
namespace {

namespace v1 = conformancetest::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

runtime::Definition SpecimenDefinition() {
  v1::Specimen::default_instance();
  const auto contract = contract::Contract::Load({"lianqiao.conformancetest.v1"});
  EXPECT_TRUE(contract.ok()) << contract.status();
  return {"specimen",
          {"lianqiao.conformancetest.v1"},
          {{"0010_create_specimen", store::TableDdl(*(*contract)->FindKind("specimen"))}},
          [](resource::Service&) {}};
}

class FieldKinds : public ::testing::Test {
 protected:
  FieldKinds() : service_(SpecimenDefinition()) {}

  int Pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  std::string Text() {
    const std::string texts[] = {"学校", "a,b", "{}", "\"q\"", "\\",        "NULL",
                                 "null", "x y", "'",  "𠀀",    "{\"a\":1}", "\\x41"};
    return texts[Pick(12)];
  }
  std::string Plain(const FieldDescriptor& field) {
    if (field.type() == FieldDescriptor::TYPE_BYTES) return std::string("\0\\x41\xff,{}", 9).substr(Pick(4));
    if (field.name().find("day") != std::string::npos) return "2023-09-01";
    if (field.name().find("mark") != std::string::npos) return base::RandomId();
    return Text();
  }

  void Fill(Message* message, int depth) {
    for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor* field = message->GetDescriptor()->field(i);
      if (depth == 0 && field->number() < 10) continue;
      if (Pick(3) == 0) continue;
      const int count = field->is_repeated() && !field->is_map() ? Pick(4) : 1;
      for (int k = 0; k < count; ++k) FillOne(message, field, depth);
    }
  }

  void FillOne(Message* message, const FieldDescriptor* field, int depth) {
    const auto& set = *message->GetReflection();
    const bool many = field->is_repeated();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text = Plain(*field);
        return many ? set.AddString(message, field, text) : set.SetString(message, field, text);
      }
      case FieldDescriptor::CPPTYPE_INT32: {
        const int32_t values[] = {0, 1, -7, INT32_MAX, INT32_MIN};
        return many ? set.AddInt32(message, field, values[Pick(5)])
                    : set.SetInt32(message, field, values[Pick(5)]);
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        const int64_t values[] = {0, 1, -7, INT64_MAX, INT64_MIN};
        return many ? set.AddInt64(message, field, values[Pick(5)])
                    : set.SetInt64(message, field, values[Pick(5)]);
      }
      case FieldDescriptor::CPPTYPE_UINT32: {
        const uint32_t values[] = {0, 1, UINT32_MAX};
        return many ? set.AddUInt32(message, field, values[Pick(3)])
                    : set.SetUInt32(message, field, values[Pick(3)]);
      }
      case FieldDescriptor::CPPTYPE_DOUBLE: {
        const double values[] = {0, 0.1, -1e300, 5e-324, 1.0 / 3};
        return many ? set.AddDouble(message, field, values[Pick(5)])
                    : set.SetDouble(message, field, values[Pick(5)]);
      }
      case FieldDescriptor::CPPTYPE_FLOAT: {
        const float values[] = {0, 0.1F, -3e38F, 1.0F / 3};
        return many ? set.AddFloat(message, field, values[Pick(4)])
                    : set.SetFloat(message, field, values[Pick(4)]);
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        return many ? set.AddBool(message, field, Pick(2) == 1) : set.SetBool(message, field, Pick(2) == 1);
      case FieldDescriptor::CPPTYPE_ENUM:
        return many ? set.AddEnumValue(message, field, 1 + Pick(2))
                    : set.SetEnumValue(message, field, Pick(3));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return FillMessage(many ? set.AddMessage(message, field) : set.MutableMessage(message, field), depth);
      default:
        return;
    }
  }

  void FillMessage(Message* inner, int depth) {
    if (auto* time = dynamic_cast<google::protobuf::Timestamp*>(inner)) {
      time->set_seconds(Pick(2) == 0 ? -1 : 1700000000 + Pick(1000000));
      time->set_nanos(Pick(1000) * 1000);
    } else if (depth < 3 && Pick(4) > 0) {  // Else it is there and empty.
      Fill(inner, depth + 1);
    }
  }

  v1::Specimen Get(const std::string& id) {
    type::v1::GetRequest get;
    get.set_id(id);
    const auto read = service_.Call<v1::Specimen>("SpecimenService/GetSpecimen", get);
    EXPECT_TRUE(read.ok()) << read.status();
    return read.ok() ? *read : v1::Specimen();
  }
  static void ExpectSame(const v1::Specimen& wanted, const v1::Specimen& found, const std::string& how) {
    std::string difference;
    MessageDifferencer compare;
    compare.ReportDifferencesToString(&difference);
    EXPECT_TRUE(compare.Compare(wanted, found)) << how << ":\n" << difference;
  }

  testing::TestService service_;
  std::mt19937 random_{20261125};
};

TEST_F(FieldKinds, ComeBackAsTheyWentInOnEveryWay) {
  std::vector<v1::Specimen> all;
  for (int i = 0; i < 100; ++i) {
    v1::CreateSpecimenRequest request;
    Fill(request.mutable_specimen(), 0);
    request.set_request_id(absl::StrCat("create", i));
    const auto made = service_.Call<v1::Specimen>("SpecimenService/CreateSpecimen", request);
    ASSERT_TRUE(made.ok()) << made.status() << "\n" << request.DebugString();
    v1::Specimen wanted = request.specimen();
    wanted.set_id(made->id());
    wanted.set_revision(1);
    wanted.set_etag(made->etag());
    *wanted.mutable_create_time() = made->create_time();
    *wanted.mutable_update_time() = made->update_time();
    ExpectSame(wanted, *made, "create");
    ExpectSame(wanted, Get(made->id()), "get");
    const auto again = service_.Call<v1::Specimen>("SpecimenService/CreateSpecimen", request);
    ASSERT_TRUE(again.ok()) << again.status();
    ExpectSame(wanted, *again, "repetition");
    v1::UpdateSpecimenRequest same;
    *same.mutable_specimen() = *made;
    same.mutable_update_mask()->add_paths("*");
    const auto unchanged = service_.Call<v1::Specimen>("SpecimenService/UpdateSpecimen", same);
    ASSERT_TRUE(unchanged.ok()) << unchanged.status();
    EXPECT_EQ(unchanged->revision(), 1) << "the same record again is no change";
    all.push_back(wanted);
  }
  service_.clock().Advance(absl::Minutes(5));
  type::v1::ListRequest past;
  past.mutable_read_time()->set_seconds(absl::ToUnixSeconds(service_.clock().Now()) - 100);
  const auto page = service_.Call<v1::ListSpecimensResponse>("SpecimenService/ListSpecimens", past);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->specimens_size(), 100);
  for (int i = 0; i < 100; ++i) ExpectSame(all[static_cast<size_t>(i)], page->specimens(i), "list at a time");
}

TEST_F(FieldKinds, AreReplacedAndClearedByAMask) {
  for (int i = 0; i < 50; ++i) {
    v1::CreateSpecimenRequest create;
    Fill(create.mutable_specimen(), 0);
    const auto made = service_.Call<v1::Specimen>("SpecimenService/CreateSpecimen", create);
    ASSERT_TRUE(made.ok()) << made.status();
    v1::UpdateSpecimenRequest update;
    Fill(update.mutable_specimen(), 0);
    update.mutable_specimen()->set_id(made->id());
    update.mutable_update_mask()->add_paths("*");
    update.set_request_id(absl::StrCat("update", i));
    const auto updated = service_.Call<v1::Specimen>("SpecimenService/UpdateSpecimen", update);
    ASSERT_TRUE(updated.ok()) << updated.status();
    v1::Specimen wanted = update.specimen();
    wanted.set_revision(updated->revision());
    wanted.set_etag(updated->etag());
    *wanted.mutable_create_time() = made->create_time();
    *wanted.mutable_update_time() = updated->update_time();
    ExpectSame(wanted, *updated, "update");
    ExpectSame(wanted, Get(made->id()), "get");
  }
}

TEST_F(FieldKinds, GoThroughABatchAndAreUnchangedTheSecondTime) {
  v1::BatchUpsertSpecimensRequest request;
  request.set_source_system("s");
  for (int i = 0; i < 50; ++i) {
    auto* specimen = request.add_specimens();
    Fill(specimen, 0);
    auto* external = specimen->add_external_ids();
    external->set_system("s");
    external->set_id(absl::StrCat(i));
  }
  const auto first =
      service_.Call<v1::BatchUpsertSpecimensResponse>("SpecimenService/BatchUpsertSpecimens", request);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second =
      service_.Call<v1::BatchUpsertSpecimensResponse>("SpecimenService/BatchUpsertSpecimens", request);
  ASSERT_TRUE(second.ok()) << second.status();
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(first->results(i).outcome(), type::v1::UpsertResult::CREATED)
        << first->results(i).ShortDebugString();
    EXPECT_EQ(second->results(i).outcome(), type::v1::UpsertResult::UNCHANGED) << i;
  }
}

TEST_F(FieldKinds, AMapInAnotherOrderIsTheSameRequest) {
  v1::CreateSpecimenRequest request;
  for (int i = 0; i < 40; ++i) (*request.mutable_specimen()->mutable_counts())[absl::StrCat("k", i)] = i;
  request.set_request_id("map");
  const auto made = service_.Call<v1::Specimen>("SpecimenService/CreateSpecimen", request);
  ASSERT_TRUE(made.ok()) << made.status();
  for (int round = 0; round < 20; ++round) {
    v1::CreateSpecimenRequest again;
    again.set_request_id("map");
    for (int i = 0; i < 40; ++i) {
      const int k = (i * 7 + round) % 40;
      (*again.mutable_specimen()->mutable_counts())[absl::StrCat("k", k)] = k;
    }
    const auto repeated = service_.Call<v1::Specimen>("SpecimenService/CreateSpecimen", again);
    ASSERT_TRUE(repeated.ok()) << repeated.status();
    EXPECT_EQ(repeated->id(), made->id());
  }
}

TEST_F(FieldKinds, AFeedHasAsManyBucketsAsItWasMadeWith) {
  const absl::Time soon = absl::Now() + absl::Seconds(30);
  EXPECT_EQ(service_.engine().SetFeedBuckets(0, soon).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(service_.engine().SetFeedBuckets(33, soon).code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(service_.engine().SetFeedBuckets(3, soon).ok());
  for (int i = 0; i < 40; ++i)
    ASSERT_TRUE(
        service_.Call<v1::Specimen>("SpecimenService/CreateSpecimen", v1::CreateSpecimenRequest()).ok());
  const auto buckets = service_.Query("SELECT string_agg(bucket::text, ' ' ORDER BY bucket) FROM feed_head");
  EXPECT_EQ(buckets->Text(0, 0), "0 1 2");
  EXPECT_TRUE(service_.engine().SetFeedBuckets(3, soon).ok());
  EXPECT_EQ(service_.engine().SetFeedBuckets(16, soon).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(FieldKinds, AMomentThatJsonCannotSayIsRefused) {
  for (const auto& [seconds, nanos] :
       {std::make_pair(int64_t{253402300800}, 0), std::make_pair(int64_t{-62135596801}, 0),
        std::make_pair(int64_t{0}, -5), std::make_pair(int64_t{0}, 1000000000)}) {
    v1::CreateSpecimenRequest request;
    request.mutable_specimen()->mutable_moment()->set_seconds(seconds);
    request.mutable_specimen()->mutable_moment()->set_nanos(nanos);
    request.mutable_specimen()->mutable_part()->mutable_made()->set_seconds(seconds);
    request.mutable_specimen()->mutable_part()->mutable_made()->set_nanos(nanos);
    const auto refused = service_.Call<v1::Specimen>("SpecimenService/CreateSpecimen", request).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
    const auto failure = base::FailureOf(refused);
    std::vector<std::string> fields;
    for (const auto& violation : failure.violations()) fields.push_back(violation.field());
    EXPECT_THAT(fields, ::testing::UnorderedElementsAre("specimen.moment", "specimen.part.made"));
  }
}

}  // namespace
}  // namespace lianqiao::conformance
