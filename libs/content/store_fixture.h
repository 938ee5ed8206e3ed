// SPDX-License-Identifier: Apache-2.0
// A content store in a folder of its own, and content that can be told apart at every byte. Tests only.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "libs/base/ids.h"
#include "libs/content/disk_store.h"

namespace lianqiao::content {

class StoreFixture : public ::testing::Test {
 protected:
  StoreFixture() {
    // In memory, where there is such a place: thousands of fsyncs take no time there.
    const bool shared_memory = std::filesystem::exists("/dev/shm");
    std::string path = shared_memory ? "/dev/shm" : std::filesystem::temp_directory_path().string();
    path += "/lianqiao-content-XXXXXX";
    EXPECT_NE(mkdtemp(path.data()), nullptr);
    folder_ = path;
  }
  ~StoreFixture() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<DiskStore> Make(DiskStore::Options options = {}) {
    options.folder = folder_ + "/store";
    auto store = DiskStore::Make(std::move(options));
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }

  static std::string Bytes(size_t size, unsigned seed = 1) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>((seed = seed * 1103515245 + 12345) >> 16);
    return bytes;
  }
  static std::string KeyOf(const std::string& bytes) { return base::Hex(base::Sha256(bytes)); }

  // What the store gives for a key, or nothing.
  static std::string ReadAll(DiskStore& store, const std::string& key) {
    const auto source = store.Read(key);
    EXPECT_TRUE(source.ok()) << source.status();
    if (!source.ok()) return "";
    const auto bytes = (*source)->ReadAt(0, static_cast<size_t>((*source)->size_bytes()));
    EXPECT_TRUE(bytes.ok()) << bytes.status();
    return bytes.ok() ? *bytes : "";
  }

  std::string folder_;
};

}  // namespace lianqiao::content
