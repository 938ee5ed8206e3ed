// SPDX-License-Identifier: Apache-2.0
// Files of resource-sharing: their bytes on the way in and out, who gets them, how much room they have, and
// what becomes of what nothing refers to.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "tests/conformance/files_world.h"

namespace lianqiao::conformance {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// The fields that a failed call complains about.
std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  const base::Failure failure = base::FailureOf(status);
  for (const auto& violation : failure.violations()) fields.push_back(violation.field());
  return fields;
}

class FilesTest : public FilesWorld {
 protected:
  // Makes this time of a file eight days earlier.
  void Age(const std::string& time, const std::string& id) {
    const absl::Status aged =
        resources_.writes().Run(absl::Now() + absl::Seconds(10), [&](postgres::Session& session) {
          return session
              .ExecuteWrite({"age_" + time, absl::StrCat("UPDATE file SET ", time, " = ", time,
                                                         " - interval '8 days' WHERE id = $1::uuid")},
                            postgres::Parameters().Text(id))
              .status();
        });
    ASSERT_TRUE(aged.ok()) << aged;
  }
};

TEST_F(FilesTest, ComesBackAsItWentIn) {
  const std::string bytes = Pdf(3 << 20);
  const resources::File made = Made(NewFile(static_cast<int64_t>(bytes.size()), "第3课 教案.pdf"));
  EXPECT_EQ(made.state(), resources::FILE_STATE_UPLOADING);
  EXPECT_EQ(made.sha256(), "");
  const auto uploaded = Upload(made.id(), bytes);
  ASSERT_TRUE(uploaded.ok()) << uploaded.status();
  EXPECT_EQ(uploaded->file().state(), resources::FILE_STATE_STORED);
  EXPECT_EQ(uploaded->file().sha256(), DigestOf(bytes));
  EXPECT_EQ(uploaded->file().revision(), 2);
  EXPECT_TRUE(uploaded->file().has_stored_time());
  EXPECT_FALSE(uploaded->has_expire_time());
  EXPECT_EQ(uploaded->received_bytes(), made.size_bytes());

  const auto given = Read(made.id());
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->bytes, bytes);
  EXPECT_EQ(given->content_type, "application/pdf");
  EXPECT_THAT(given->metadata, Contains(Pair(rpc::kFileEtag, DigestOf(bytes))));
  EXPECT_THAT(given->metadata, Contains(Pair(rpc::kFileSize, absl::StrCat(bytes.size()))));
  EXPECT_THAT(given->metadata,
              Contains(Pair(rpc::kFileName, "%e7%ac%ac3%e8%af%be%20%e6%95%99%e6%a1%88.pdf")));
  EXPECT_THAT(*resources_.content().ListUploads("", 10), IsEmpty());
}

TEST_F(FilesTest, GivesAnyRange) {
  const std::string bytes = Pdf(600000);
  const std::string id = Stored(NewFile(600000), bytes).id();
  for (const auto& [offset, length] : std::vector<std::pair<int64_t, int64_t>>{{0, 0},
                                                                               {0, 1},
                                                                               {1, 1},
                                                                               {262144, 0},
                                                                               {262143, 2},
                                                                               {599999, 1},
                                                                               {599999, 100},
                                                                               {600000, 0},
                                                                               {5, 262144}}) {
    const auto given = Read(id, "school", offset, length);
    ASSERT_TRUE(given.ok()) << given.status();
    const auto from = static_cast<size_t>(offset);
    EXPECT_EQ(given->bytes,
              length == 0 ? bytes.substr(from) : bytes.substr(from, static_cast<size_t>(length)))
        << offset << "+" << length;
    EXPECT_THAT(given->metadata, Contains(Pair(rpc::kFileSize, "600000")));
  }
  EXPECT_TRUE(absl::IsOutOfRange(Read(id, "school", 600001).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Read(id, "school", -1).status()));
}

TEST_F(FilesTest, GoesOnInManyCalls) {
  const std::string bytes = Pdf(1000);
  const std::string id = Made(NewFile(1000)).id();
  const auto first = Upload(id, bytes.substr(0, 300));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->received_bytes(), 300);
  EXPECT_EQ(first->file().state(), resources::FILE_STATE_UPLOADING);
  EXPECT_TRUE(first->has_expire_time());
  EXPECT_EQ(Progress(id)->received_bytes(), 300);
  EXPECT_TRUE(absl::IsFailedPrecondition(Read(id).status()));  // Not before all is there.
  // A part of it once more, and then on.
  const auto second = Upload(id, bytes.substr(200, 500), 200);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->received_bytes(), 700);
  const auto third = Upload(id, bytes.substr(700), 700);
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(third->file().sha256(), DigestOf(bytes));
  EXPECT_EQ(Read(id)->bytes, bytes);
  // Whoever did not hear the answer sends the last piece again, or asks with nothing.
  const auto again = Upload(id, bytes.substr(700), 700);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->file().revision(), third->file().revision());
  EXPECT_EQ(Upload(id, "", 0)->received_bytes(), 1000);
  EXPECT_TRUE(absl::IsFailedPrecondition(Upload(id, "other", 700).status()));
}

// The connection breaks behind every chunk; what had come is there, and the next one goes on.
TEST_F(FilesTest, ACutAtEveryChunkLosesNothing) {
  const std::string bytes = Pdf(1500);
  const std::string id = Made(NewFile(1500)).id();
  for (int64_t at = 0; at < 1500; at += 100) {
    auto upload = BeginUpload(id);
    ASSERT_TRUE(Send(*upload, at, bytes.substr(static_cast<size_t>(at), 100)));
    // The service has it when it has been read, which a cut does not wait for: until then it may be lost.
    while (at > 0 && Progress(id)->received_bytes() < at) absl::SleepFor(absl::Milliseconds(1));
    upload->Cancel();
    upload.reset();
    // Ends by itself, and may have got the piece or not.
    absl::StatusOr<resources::FileUpload> rest = absl::AbortedError("");
    const absl::Time end = absl::Now() + absl::Seconds(20);
    while (absl::IsAborted(rest.status()) && absl::Now() < end) {
      const int64_t received = Progress(id)->received_bytes();
      ASSERT_TRUE(received == at || received == at + 100) << received;
      const auto from = static_cast<size_t>(received);
      rest = Upload(id, bytes.substr(from, static_cast<size_t>(at) + 100 - from), received);
    }
    ASSERT_TRUE(rest.ok()) << rest.status();
    ASSERT_EQ(rest->received_bytes(), at + 100);
  }
  EXPECT_EQ(Progress(id)->file().state(), resources::FILE_STATE_STORED);
  EXPECT_EQ(Read(id)->bytes, bytes);
}

TEST_F(FilesTest, TheSameContentIsKeptOnceAndGoesWithTheLastFile) {
  const std::string bytes = Pdf(5000);
  const std::string one = Stored(NewFile(5000, "一.pdf"), bytes).id();
  const std::string two = Stored(NewFile(5000, "二.pdf"), bytes).id();
  const std::string other = Stored(NewFile(5000, "三.pdf"), Pdf(5000, 2)).id();
  EXPECT_THAT(*resources_.content().ListContents("", 10), SizeIs(2));
  const auto later = [this] {
    resources_.clock().Advance(absl::Hours(24 * 8));
    CollectAll();
  };
  ASSERT_TRUE(Remove(one).ok());
  later();
  EXPECT_TRUE(absl::IsNotFound(Read(one).status()));
  EXPECT_EQ(Read(two)->bytes, bytes);
  ASSERT_TRUE(Remove(two).ok());
  CollectAll();
  EXPECT_THAT(*resources_.content().ListContents("", 10), SizeIs(2));  // A backup may still name it.
  later();
  EXPECT_THAT(*resources_.content().ListContents("", 10), SizeIs(1));
  EXPECT_EQ(Read(other)->bytes, Pdf(5000, 2));
}

TEST_F(FilesTest, RefusesWhatIsNotWhatItWasSaidToBe) {
  // Another type: at once, with the first piece of a large file.
  resources::File video = NewFile(1 << 20, "课.mp4");
  video.set_content_type("video/mp4");
  const std::string id = Made(video).id();
  const auto upload = BeginUpload(id);
  Send(*upload, 0, Pdf(10000));
  EXPECT_FALSE(upload->ReadAndWait().has_value());
  EXPECT_TRUE(absl::IsFailedPrecondition(upload->status())) << upload->status();
  EXPECT_THAT(FieldsOf(upload->status()), Contains("contentType"));
  EXPECT_EQ(Progress(id)->received_bytes(), 0);
  // Another digest: at the end; then the right bytes are taken.
  resources::File pdf = NewFile(1000);
  pdf.set_sha256(DigestOf(Pdf(1000)));
  const std::string second = Made(pdf).id();
  const auto wrong = Upload(second, Pdf(1000, 2));
  EXPECT_TRUE(absl::IsFailedPrecondition(wrong.status())) << wrong.status();
  EXPECT_THAT(FieldsOf(wrong.status()), Contains("sha256"));
  EXPECT_TRUE(Upload(second, Pdf(1000)).ok());
  EXPECT_EQ(Read(second)->bytes, Pdf(1000));
  // More than was said.
  const auto more = Upload(Made(NewFile(1000)).id(), Pdf(1001));
  EXPECT_THAT(FieldsOf(more.status()), Contains("chunk.content"));
  // A gap, and other bytes in the place of those that came.
  const std::string third = Made(NewFile(1000)).id();
  EXPECT_THAT(FieldsOf(Upload(third, "x", 1).status()), Contains("chunk.offset"));
  ASSERT_TRUE(Upload(third, Pdf(500)).ok());
  EXPECT_THAT(FieldsOf(Upload(third, Pdf(1000, 2)).status()), Contains("chunk.content"));
  EXPECT_EQ(Progress(third)->received_bytes(), 500);
  const auto anew = Upload(third, Pdf(1000, 2), 0, "school", true);
  ASSERT_TRUE(anew.ok()) << anew.status();
  EXPECT_EQ(Read(third)->bytes, Pdf(1000, 2));
}

TEST_F(FilesTest, RefusesMessagesThatAreNone) {
  const std::string id = Made(NewFile(4 << 20)).id();
  const auto fields = [&](const std::function<void(rpc::ClientStream&)>& send) {
    const auto upload = BeginUpload(id);
    send(*upload);
    upload->WritesDone();
    EXPECT_FALSE(upload->ReadAndWait().has_value());
    EXPECT_TRUE(absl::IsInvalidArgument(upload->status())) << upload->status();
    return FieldsOf(upload->status());
  };
  EXPECT_THAT(fields([&](auto& upload) { Send(upload, 0, Pdf((1 << 20) + 1)); }), Contains("chunk.content"));
  EXPECT_THAT(fields([&](auto& upload) { Send(upload, -1, "x"); }), Contains("chunk.offset"));
  EXPECT_THAT(fields([&](auto& upload) { upload.WriteAndWait(""); }), Contains("chunk"));
  EXPECT_THAT(fields([&](auto& upload) {
                resources::UploadFileRequest request;
                request.mutable_options()->set_id(id);
                upload.WriteAndWait(request.SerializeAsString());
              }),
              Contains("options"));
  const auto chunk_first = Open("UploadFile", "school");
  Send(*chunk_first, 0, "x");
  EXPECT_FALSE(chunk_first->ReadAndWait().has_value());
  EXPECT_THAT(FieldsOf(chunk_first->status()), Contains("options"));
  EXPECT_TRUE(absl::IsInvalidArgument(Upload("no id", "x").status()));
}

TEST_F(FilesTest, TwoConnectionsDoNotMixTheirBytes) {
  const std::string bytes = Pdf(1000);
  const std::string id = Made(NewFile(1000)).id();
  const auto first = BeginUpload(id);
  ASSERT_TRUE(Send(*first, 0, bytes.substr(0, 500)));
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (resources_.content().ListUploads("", 1)->empty() && absl::Now() < end) continue;
  const auto second = Upload(id, "", 0);
  EXPECT_TRUE(absl::IsAborted(second.status())) << second.status();
  ASSERT_TRUE(Send(*first, 500, bytes.substr(500)));
  const auto done = EndUpload(*first);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(Read(id)->bytes, bytes);
}

TEST_F(FilesTest, TheSchoolUploadsAndOthersDoNot) {
  const std::string bytes = Pdf(1000);
  const std::string id = Made(NewFile(1000)).id();
  EXPECT_TRUE(absl::IsNotFound(Upload(id, bytes, 0, "far school").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(Upload(id, bytes, 0, "reader").status()));
  EXPECT_TRUE(absl::IsUnauthenticated(Upload(id, bytes, 0, "nobody").status()));
  EXPECT_EQ(Progress(id)->received_bytes(), 0);
  ASSERT_TRUE(Upload(id, bytes).ok());
  EXPECT_EQ(Read(id, "reader")->bytes, bytes);
  EXPECT_EQ(Read(id, "near")->bytes, bytes);
  EXPECT_TRUE(absl::IsNotFound(Read(id, "far school").status()));
  EXPECT_TRUE(absl::IsNotFound(Progress(id, "far school").status()));
  EXPECT_TRUE(absl::IsUnauthenticated(Read(id, "nobody").status()));
  EXPECT_TRUE(absl::IsNotFound(Remove(id, "far school")));
  EXPECT_TRUE(absl::IsPermissionDenied(Make(NewFile(1000), "reader").status()));
}

// §1.13: without consent, what shows minors never leaves the school that took it.
TEST_F(FilesTest, WhatShowsMinorsStaysInsideWithoutConsent) {
  const std::string bytes = Pdf(1000);
  resources::File file = NewFile(1000);
  file.clear_shows_minors();
  EXPECT_THAT(FieldsOf(Make(file).status()), Contains("file.showsMinors"));
  file.set_shows_minors(true);
  file = Stored(file, bytes);
  EXPECT_EQ(Read(file.id(), "school")->bytes, bytes);
  for (const char* outside : {"near", "city", "operator"}) {
    const absl::Status status = Read(file.id(), outside).status();
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << outside << status;
    EXPECT_THAT(FieldsOf(status), Contains("consentBasis"));
  }
  const auto say = [&](bool shows_minors, const std::string& basis, const std::string& token) {
    resources::UpdateFileRequest update;
    update.mutable_file()->set_id(file.id());
    update.mutable_file()->set_shows_minors(shows_minors);
    update.mutable_file()->set_consent_basis(basis);
    update.mutable_update_mask()->add_paths("shows_minors");
    update.mutable_update_mask()->add_paths("consent_basis");
    return resources_.Call<resources::File>("FileService/UpdateFile", update, token).status();
  };
  const std::string basis = "监护人书面同意,存教务处";
  // Nor does anybody outside say that it may go, who could then read it.
  for (const char* outside : {"near", "city", "operator"}) {
    EXPECT_THAT(FieldsOf(say(true, basis, outside)), Contains("file.consentBasis")) << outside;
    EXPECT_THAT(FieldsOf(say(false, "", outside)), Contains("file.consentBasis")) << outside;
    EXPECT_TRUE(absl::IsPermissionDenied(Read(file.id(), outside).status())) << outside;
  }
  const absl::Status said = say(true, basis, "school");
  ASSERT_TRUE(said.ok()) << said;
  EXPECT_EQ(Read(file.id(), "near")->bytes, bytes);
  EXPECT_EQ(Read(file.id(), "operator")->bytes, bytes);
  EXPECT_TRUE(absl::IsNotFound(Read(file.id(), "far school").status()));
  EXPECT_THAT(FieldsOf(say(true, "县局备案", "near")), Contains("file.consentBasis"))
      << "the school's to say";
  const absl::Status closed = say(true, "", "near");
  EXPECT_TRUE(closed.ok()) << "whoever doubts the consent may end it: " << closed;
  EXPECT_TRUE(absl::IsPermissionDenied(Read(file.id(), "near").status()));
}

// The bytes on the way stop as soon as the right is gone.
TEST_F(FilesTest, AnOpenDownloadEndsWithItsRight) {
  const std::string bytes = Pdf(64 << 20);
  const resources::File file = Stored(NewFile(static_cast<int64_t>(bytes.size())), bytes);
  const auto stream = Open("ReadFile", "school");
  resources::ReadFileRequest request;
  request.set_id(file.id());
  stream->WriteAndWait(request.SerializeAsString());
  stream->WritesDone();
  ASSERT_TRUE(stream->ReadAndWait().has_value());
  ASSERT_TRUE(Remove(file.id()).ok());
  resources_.clock().Advance(absl::Seconds(2));
  size_t read = 0;
  while (stream->ReadAndWait().has_value()) ++read;
  EXPECT_TRUE(absl::IsNotFound(stream->status())) << stream->status();
  EXPECT_LT(read, 20u);  // What lay in buffers.
}

TEST_F(FilesTest, AQuotaIsTheBureausToSet) {
  EXPECT_TRUE(absl::IsPermissionDenied(MakeQuota(near_id_, far_school_, 1000, "school").status()) ||
              absl::IsInvalidArgument(MakeQuota(near_id_, far_school_, 1000, "school").status()));
  EXPECT_THAT(FieldsOf(MakeQuota(near_id_, far_school_, 1000, "operator").status()),
              Contains(HasSubstr("jurisdictionId")));
  EXPECT_TRUE(absl::IsAlreadyExists(MakeQuota(city_id_, near_school_, 1000, "city").status()));
  EXPECT_TRUE(MakeQuota(city_id_, far_school_, 1000, "city").ok());
  resources::UpdateStorageQuotaRequest update;
  update.mutable_storage_quota()->set_id(quota_id_);
  update.mutable_storage_quota()->set_limit_bytes(int64_t{1} << 41);
  const auto raise = [&](const std::string& token) {
    return resources_.Call<resources::StorageQuota>("StorageQuotaService/UpdateStorageQuota", update, token)
        .status();
  };
  EXPECT_TRUE(absl::IsPermissionDenied(raise("school")));  // It reads its own and no more.
  EXPECT_TRUE(raise("near").ok());
}

TEST_F(FilesTest, AQuotaHoldsForAllOfASchoolsFiles) {
  const auto quota = MakeQuota(far_id_, far_school_, 2500, "operator");
  ASSERT_TRUE(quota.ok()) << quota.status();
  resources::File file = NewFile(1000);
  EXPECT_THAT(FieldsOf(Make(file, "operator").status()), IsEmpty());
  file.set_organisation_id(far_school_);
  EXPECT_THAT(FieldsOf(Make(file, "operator").status()), Contains("file.storageQuotaId"));
  file.set_storage_quota_id(quota->id());
  const std::string first = Made(file, "far school").id();
  ASSERT_TRUE(Upload(first, Pdf(1000), 0, "far school").ok());
  const std::string second = Made(file, "far school").id();
  EXPECT_THAT(FieldsOf(Make(file, "far school").status()), Contains("file.sizeBytes"));
  resources::GetStorageUseRequest use;
  use.set_id(quota->id());
  const auto used = [&] {
    return resources_.Call<resources::StorageUse>("StorageQuotaService/GetStorageUse", use, "far school");
  };
  ASSERT_TRUE(used().ok()) << used().status();
  EXPECT_EQ(used()->limit_bytes(), 2500);
  EXPECT_EQ(used()->used_bytes(), 2000);
  EXPECT_EQ(used()->stored_file_count(), 1);
  EXPECT_EQ(used()->uploading_file_count(), 1);
  EXPECT_TRUE(absl::IsNotFound(
      resources_.Call<resources::StorageUse>("StorageQuotaService/GetStorageUse", use, "school").status()));
  // Room comes back with the bytes of what is removed, and with uploads that are given up.
  ASSERT_TRUE(Remove(first, "far school").ok());
  EXPECT_EQ(used()->used_bytes(), 2000) << "they are kept for 7 days";
  EXPECT_EQ(used()->stored_file_count(), 0);
  EXPECT_THAT(FieldsOf(Make(file, "far school").status()), Contains("file.sizeBytes"));
  Age("delete_time", first);
  EXPECT_EQ(used()->used_bytes(), 1000);
  Age("create_time", second);
  EXPECT_EQ(used()->used_bytes(), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(Upload(second, Pdf(1000), 0, "far school").status()));
  // What was removed half sent lies there until it is collected.
  const std::string third = Made(file, "far school").id();
  ASSERT_TRUE(Upload(third, Pdf(500), 0, "far school").ok());
  ASSERT_TRUE(Remove(third, "far school").ok());
  EXPECT_EQ(used()->used_bytes(), 1000);
  EXPECT_EQ(used()->uploading_file_count(), 0);
  file.set_size_bytes(2500);
  EXPECT_THAT(FieldsOf(Make(file, "far school").status()), Contains("file.sizeBytes"));
  Age("delete_time", third);
  EXPECT_EQ(used()->used_bytes(), 0);
  EXPECT_TRUE(Make(file, "far school").ok());
}

// An upload that began in time ends too late: its room may be another file's by then.
TEST_F(FilesTest, AnUploadThatOutlivesItsTimeIsNotStored) {
  const std::string id = Made(NewFile(1000)).id();
  const auto upload = BeginUpload(id);
  ASSERT_TRUE(Send(*upload, 0, Pdf(1000)));
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (resources_.content().ListUploads("", 1)->empty() && absl::Now() < end) continue;
  Age("create_time", id);
  const auto ended = EndUpload(*upload);
  EXPECT_TRUE(absl::IsFailedPrecondition(ended.status())) << ended.status();
  EXPECT_THAT(FieldsOf(ended.status()), Contains("id"));
  EXPECT_EQ(Progress(id)->file().state(), resources::FILE_STATE_UPLOADING);
}

// Eight at once for the room of three.
TEST_F(FilesTest, NoRaceGetsPastAQuota) {
  const auto quota = MakeQuota(far_id_, far_school_, 3500, "operator");
  ASSERT_TRUE(quota.ok()) << quota.status();
  resources::File file = NewFile(1000);
  file.set_organisation_id(far_school_);
  file.set_storage_quota_id(quota->id());
  std::atomic<int> made{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      const auto one = Make(file, "far school");
      one.ok() ? ++made : ++refused;
      EXPECT_EQ(FieldsOf(one.status()),
                one.ok() ? std::vector<std::string>{} : std::vector<std::string>{"file.sizeBytes"});
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 3);
  EXPECT_EQ(refused, 5);
}

TEST_F(FilesTest, CollectsWhatNothingRefersTo) {
  const std::string kept = Stored(NewFile(1000), Pdf(1000)).id();
  // A process died between the bytes and the row; an upload was given up; one of a file that was removed.
  const auto orphan = [this](const std::string& name, const std::string& bytes, bool finish) {
    const auto upload = resources_.content().Open(name);
    ASSERT_TRUE(upload.ok());
    ASSERT_TRUE((*upload)->Append(bytes).ok());
    ASSERT_TRUE((*upload)->Keep().ok());
    if (!finish) return;
    ASSERT_TRUE((*upload)->Finish().ok());
  };
  const std::string died = Made(NewFile(1000)).id();
  orphan(died, Pdf(1000, 3), true);
  orphan("no-id", "x", false);
  const std::string removed = Made(NewFile(1000)).id();
  ASSERT_TRUE(Upload(removed, Pdf(500)).ok());
  ASSERT_TRUE(Remove(removed).ok());
  const std::string awaited = Made(NewFile(1000)).id();
  ASSERT_TRUE(Upload(awaited, Pdf(500, 4)).ok());
  resources_.clock().Advance(absl::Hours(2));
  CollectAll();
  // The row of `died` may still be on its way into the database: its content is young.
  EXPECT_THAT(*resources_.content().ListContents("", 10), SizeIs(2));
  EXPECT_THAT(*resources_.content().ListUploads("", 10), SizeIs(2));  // Of `died` and `awaited`.
  resources_.clock().Advance(absl::Hours(24));
  CollectAll();
  EXPECT_THAT(*resources_.content().ListContents("", 10), SizeIs(1));
  EXPECT_THAT(*resources_.content().ListUploads("", 10), SizeIs(2));
  EXPECT_EQ(Read(kept)->bytes, Pdf(1000));
  // What was collected of `died` comes back without a byte sent: the upload holds it too.
  const auto finished = Upload(died, "", 1000);
  ASSERT_TRUE(finished.ok()) << finished.status();
  EXPECT_EQ(Read(died)->bytes, Pdf(1000, 3));
  resources_.clock().Advance(absl::Hours(24 * 8));
  CollectAll();
  EXPECT_THAT(*resources_.content().ListUploads("", 10), IsEmpty());
  EXPECT_THAT(*resources_.content().ListContents("", 10), SizeIs(2));
}

// A process died after the row was committed and before its upload was discarded: the file is whole, whoever
// sends again hears so, and what is left goes.
TEST_F(FilesTest, AnUploadThatOutlivesItsRowIsCollected) {
  const std::string bytes = Pdf(1000);
  const std::string id = Stored(NewFile(1000), bytes).id();
  {
    const auto upload = resources_.content().Open(id);
    ASSERT_TRUE(upload.ok());
    ASSERT_TRUE((*upload)->Append(bytes).ok());
    ASSERT_TRUE((*upload)->Finish().ok());
  }
  EXPECT_EQ(Read(id)->bytes, bytes);
  EXPECT_EQ(Upload(id, "", 1000)->file().state(), resources::FILE_STATE_STORED);
  resources_.clock().Advance(absl::Hours(2));
  CollectAll();
  EXPECT_THAT(*resources_.content().ListUploads("", 10), IsEmpty());
  EXPECT_EQ(Read(id)->bytes, bytes);
}

// An entry that cannot be removed is the operator's matter; what comes behind it goes all the same.
TEST_F(FilesTest, OneBadEntryStopsNoCollection) {
  Stored(NewFile(1000), Pdf(1000));
  {
    const auto upload = resources_.content().Open("one");
    ASSERT_TRUE(upload.ok());
    ASSERT_TRUE((*upload)->Append(Pdf(1000, 5)).ok());
    ASSERT_TRUE((*upload)->Finish().ok());
  }
  // Folders in the places of an upload and of a content that comes before the orphan.
  const std::string bad(64, '0');
  std::filesystem::create_directory(resources_.content().UploadPath("a"));
  std::filesystem::create_directory(resources_.content().ObjectPath(bad));
  resources_.clock().Advance(absl::Hours(24 * 8));
  CollectAll();
  EXPECT_THAT(*resources_.content().ListContents("", 10), UnorderedElementsAre(bad, DigestOf(Pdf(1000))));
  const auto uploads = resources_.content().ListUploads("", 10);
  ASSERT_THAT(*uploads, SizeIs(1));
  EXPECT_EQ((*uploads)[0].name, "a");
}

// A store beside a database without a single file is taken for a mistake.
TEST_F(FilesTest, AnEmptyDatabaseRemovesNothing) {
  const auto upload = resources_.content().Open("one");
  ASSERT_TRUE(upload.ok());
  ASSERT_TRUE((*upload)->Append("abc").ok());
  ASSERT_TRUE((*upload)->Finish().ok());
  resources_.clock().Advance(absl::Hours(24 * 30));
  CollectAll();
  EXPECT_THAT(*resources_.content().ListContents("", 10), SizeIs(1));
}

TEST_F(FilesTest, SixtyFourTransfersAreTheMost) {
  const std::string id = Made(NewFile(1000)).id();
  std::vector<std::unique_ptr<rpc::ClientStream>> open;
  for (int i = 0; i < 64; ++i) open.push_back(Open("UploadFile", "school"));
  // All of them are counted once one more is refused.
  absl::Status status;
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (!absl::IsResourceExhausted(status) && absl::Now() < end) status = Read(id).status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  open.clear();
  while (!absl::IsFailedPrecondition(status) && absl::Now() < end) status = Read(id).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
}

}  // namespace
}  // namespace lianqiao::conformance
