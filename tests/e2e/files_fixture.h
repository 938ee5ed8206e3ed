// SPDX-License-Identifier: Apache-2.0
// What tests of files share: a platform with resource-sharing, a school with room, and a PDF of any size.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/e2e/platform.h"

namespace lianqiao::e2e {

// As long as it is asked to be; another one for another seed.
std::string Pdf(size_t size, unsigned seed = 1);

class Files : public ::testing::Test {
 protected:
  Files();

  std::string MakeFile(int64_t size_bytes, const std::string& name, const std::string& sha256 = "");
  HttpAnswer Send(HttpClient& client, const std::string& id, int64_t offset, const std::string& bytes);
  int64_t Received(const std::string& id);
  // The most memory that the process ever had.
  static int64_t PeakMebibytes(const Process& process);
  Process& service() { return platform_.follower("resource-sharing"); }
  std::string Curl(const std::string& arguments);

  static Platform::Options WithFiles();

  Platform platform_{WithFiles()};
  HttpClient operator_ = platform_.Operator();
  Places places_ = MakePlaces(operator_);
  std::string school_, quota_;
};

}  // namespace lianqiao::e2e
