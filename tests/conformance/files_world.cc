// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/files_world.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "libs/base/ids.h"

namespace lianqiao::conformance {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;

namespace {

constexpr size_t kPieceBytes = 200 << 10;

}  // namespace

FilesWorld::FilesWorld() {
  AddReader("school", ScopeKind::kOrganisation, near_school_);
  AddReader("far school", ScopeKind::kOrganisation, far_school_);
  resources_.AddCaller("reader",
                       MakeCaller({MakeGrant("resources.*.read", ScopeKind::kOrganisation, near_school_),
                                   MakeGrant("registry.*.read", ScopeKind::kOrganisation, near_school_)}));
  const auto quota = MakeQuota(near_id_, near_school_, int64_t{1} << 40, "near");
  EXPECT_TRUE(quota.ok()) << quota.status();
  quota_id_ = quota.ok() ? quota->id() : "";
}

absl::StatusOr<resources::StorageQuota> FilesWorld::MakeQuota(const std::string& place,
                                                              const std::string& school, int64_t limit_bytes,
                                                              const std::string& token) {
  resources::CreateStorageQuotaRequest request;
  request.mutable_storage_quota()->set_jurisdiction_id(place);
  request.mutable_storage_quota()->set_organisation_id(school);
  request.mutable_storage_quota()->set_limit_bytes(limit_bytes);
  return resources_.Call<resources::StorageQuota>("StorageQuotaService/CreateStorageQuota", request, token);
}

resources::File FilesWorld::NewFile(int64_t size_bytes, const std::string& name) const {
  resources::File file;
  file.set_organisation_id(near_school_);
  file.set_storage_quota_id(quota_id_);
  file.set_name(name);
  file.set_content_type("application/pdf");
  file.set_size_bytes(size_bytes);
  file.set_shows_minors(false);
  return file;
}

absl::StatusOr<resources::File> FilesWorld::Make(const resources::File& file, const std::string& token) {
  resources::CreateFileRequest request;
  *request.mutable_file() = file;
  return resources_.Call<resources::File>("FileService/CreateFile", request, token);
}

resources::File FilesWorld::Made(const resources::File& file, const std::string& token) {
  const auto made = Make(file, token);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.ok() ? *made : resources::File();
}

std::string FilesWorld::Pdf(size_t size, unsigned seed) {
  std::string bytes = "%PDF-1.7\n";
  while (bytes.size() < size) bytes.push_back(static_cast<char>((seed = seed * 1103515245 + 12345) >> 16));
  bytes.resize(size);
  return bytes;
}

std::string FilesWorld::DigestOf(const std::string& bytes) {
  return base::Hex(base::Sha256(bytes));
}

std::unique_ptr<rpc::ClientStream> FilesWorld::Open(const std::string& method, const std::string& token) {
  return resources_.client().Open("/lianqiao.resources.v1.FileService/" + method,
                                  {{rpc::kAuthorization, "Bearer " + token}, {rpc::kAcceptLanguage, "en"}},
                                  absl::InfiniteFuture());
}

std::unique_ptr<rpc::ClientStream> FilesWorld::BeginUpload(const std::string& id, const std::string& token,
                                                           bool restart) {
  auto upload = Open("UploadFile", token);
  resources::UploadFileRequest request;
  request.mutable_options()->set_id(id);
  request.mutable_options()->set_restart(restart);
  upload->WriteAndWait(request.SerializeAsString());
  return upload;
}

bool FilesWorld::Send(rpc::ClientStream& upload, int64_t offset, const std::string& bytes) {
  resources::UploadFileRequest request;
  request.mutable_chunk()->set_offset(offset);
  request.mutable_chunk()->set_content(bytes);
  return upload.WriteAndWait(request.SerializeAsString());
}

absl::StatusOr<resources::FileUpload> FilesWorld::EndUpload(rpc::ClientStream& upload) {
  upload.WritesDone();
  resources::FileUpload answer;
  const auto bytes = upload.ReadAndWait();
  if (!bytes.has_value()) return upload.status();
  EXPECT_TRUE(answer.ParseFromString(*bytes));
  EXPECT_FALSE(upload.ReadAndWait().has_value());
  return upload.status().ok() ? absl::StatusOr<resources::FileUpload>(answer) : upload.status();
}

absl::StatusOr<resources::FileUpload> FilesWorld::Upload(const std::string& id, const std::string& bytes,
                                                         int64_t offset, const std::string& token,
                                                         bool restart) {
  const auto upload = BeginUpload(id, token, restart);
  for (size_t at = 0; at < bytes.size(); at += kPieceBytes) {
    const std::string piece = bytes.substr(at, kPieceBytes);
    if (!Send(*upload, offset + static_cast<int64_t>(at), piece)) break;
  }
  return EndUpload(*upload);
}

resources::File FilesWorld::Stored(const resources::File& file, const std::string& bytes,
                                   const std::string& token) {
  const auto uploaded = Upload(Made(file, token).id(), bytes, 0, token);
  EXPECT_TRUE(uploaded.ok()) << uploaded.status();
  EXPECT_EQ(uploaded.ok() ? uploaded->file().state() : resources::FILE_STATE_UNSPECIFIED,
            resources::FILE_STATE_STORED);
  return uploaded.ok() ? uploaded->file() : resources::File();
}

absl::StatusOr<resources::FileUpload> FilesWorld::Progress(const std::string& id, const std::string& token) {
  resources::GetFileUploadRequest request;
  request.set_id(id);
  return resources_.Call<resources::FileUpload>("FileService/GetFileUpload", request, token);
}

absl::StatusOr<FilesWorld::Given> FilesWorld::Read(const std::string& id, const std::string& token,
                                                   int64_t offset, int64_t length) {
  const auto stream = Open("ReadFile", token);
  resources::ReadFileRequest request;
  request.set_id(id);
  request.set_offset(offset);
  request.set_length(length);
  stream->WriteAndWait(request.SerializeAsString());
  stream->WritesDone();
  Given given;
  while (const auto bytes = stream->ReadAndWait()) {
    resources::ReadFileResponse response;
    EXPECT_TRUE(response.ParseFromString(*bytes));
    given.bytes += response.content();
    if (!response.content_type().empty()) given.content_type = response.content_type();
  }
  if (!stream->status().ok()) return stream->status();
  given.metadata = stream->metadata();
  return given;
}

absl::Status FilesWorld::Remove(const std::string& id, const std::string& token) {
  type::v1::DeleteRequest request;
  request.set_id(id);
  return resources_.Call<resources::File>("FileService/DeleteFile", request, token).status();
}

void FilesWorld::CollectAll() {
  while (resources_.CollectContent()) continue;
}

}  // namespace lianqiao::conformance
