// SPDX-License-Identifier: Apache-2.0
#include "libs/access/credentials.h"

#include <fcntl.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "libs/base/log.h"

namespace lianqiao::access {

namespace {

constexpr size_t kFileBytesMax = 4096;

std::string Text(simdjson::dom::element element, const char* name) {
  std::string_view text;
  return element[name].get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

absl::Status CannotWrite(const std::string& path) {
  return absl::UnavailableError("cannot write " + path + ": " + std::strerror(errno));
}

}  // namespace

absl::StatusOr<Credentials> ReadCredentials(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::UnavailableError("cannot read " + path + ": " + std::strerror(errno));
  struct stat status = {};
  std::string json(kFileBytesMax, '\0');
  const bool is_private = fstat(file, &status) == 0 && (status.st_mode & 077) == 0;
  const ssize_t size = read(file, json.data(), json.size());
  close(file);
  if (!is_private) return absl::FailedPreconditionError(path + " must have mode 0600");
  json.resize(size > 0 ? static_cast<size_t>(size) : 0);
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  Credentials credentials;
  if (parser.parse(json).get(element) == simdjson::SUCCESS && element.is_object())
    credentials = {Text(element, "client_id"), Text(element, "client_secret"), Text(element, "token_url")};
  if (credentials.client_id.empty() || credentials.client_secret.empty())
    return absl::FailedPreconditionError(path + " must be a JSON object with client_id and client_secret");
  return credentials;
}

absl::Status WriteCredentials(const std::string& path, const Credentials& credentials) {
  const std::string json = "{\n  \"client_id\": " + base::JsonQuote(credentials.client_id) +
                           ",\n  \"client_secret\": " + base::JsonQuote(credentials.client_secret) +
                           ",\n  \"token_url\": " + base::JsonQuote(credentials.token_url) + "\n}\n";
  const std::string unfinished = path + ".new";
  unlink(unfinished.c_str());
  const int file = open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return CannotWrite(path);
  const bool written =
      write(file, json.data(), json.size()) == static_cast<ssize_t>(json.size()) && fsync(file) == 0;
  close(file);
  if (!written || std::rename(unfinished.c_str(), path.c_str()) != 0) return CannotWrite(path);
  return absl::OkStatus();
}

}  // namespace lianqiao::access
