// SPDX-License-Identifier: Apache-2.0
// The platform as tools/up starts it: the real programs on a private PostgreSQL, on ports and in a folder of
// their own, gone with the test. Spoken to by HTTP and gRPC only; SQL is for looking behind its back.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/http.h"
#include "tests/e2e/process.h"

namespace lianqiao::e2e {

// Services that follow alliance-registry, with their packages.
extern const std::map<std::string, std::string> kFollowers;

class Platform {
 public:
  struct Options {
    std::vector<std::string> gateway_flags;
    std::vector<std::string> registry_flags;
    // Of kFollowers, started beside the registry.
    std::vector<std::string> followers = {};
  };
  // A new database, everything started and ready. Ends the test binary if that fails.
  Platform() : Platform(Options()) {}
  explicit Platform(const Options& options);
  // One for all tests of the binary that do it no harm; ends with the binary.
  static Platform& Shared();
  // Stops everything; a program that does not end by itself with 0 fails the test. After a failure the logs
  // stay.
  ~Platform();

  Process& gateway() { return *gateway_; }
  Process& registry() { return *registry_; }
  Process& follower(const std::string& name) { return *followers_.at(name); }
  // Until everything answers again, without help.
  void WaitReady();

  const std::string& url() const { return url_; }
  std::string grpc_address() const;      // The gateway's front.
  std::string registry_address() const;  // The service itself.
  const std::string& folder() const { return folder_; }
  std::string content_folder() const { return folder_ + "/content"; }  // Of resource-sharing.

  // By client credentials.
  HttpAnswer AskForToken(const std::string& client_id, const std::string& client_secret);
  std::string Token(const std::string& client_id, const std::string& client_secret);
  const std::string& operator_token() const { return operator_token_; }
  HttpClient Operator() const { return HttpClient(url_, operator_token_); }

  // One statement as the superuser; its first value.
  std::string Sql(const std::string& sql);
  int64_t Count(const std::string& sql) { return std::strtoll(Sql(sql).c_str(), nullptr, 10); }

  // The whole server: like kill -9, and again.
  void StopPostgres();
  void StartPostgres();

 private:
  void MakeDatabase();
  void MakePrograms(const Options& options);
  void MakeFollower(const std::string& name);
  std::string address(const std::string& name) const;
  std::string internal() const;
  std::vector<Process*> processes() const;  // The gateway first.
  void ShowLogs() const;

  std::string folder_;
  std::string url_;
  int grpc_port_ = 0;
  std::vector<std::string> ready_;  // URLs that say so.
  std::string operator_token_;
  std::unique_ptr<Process> gateway_;
  std::unique_ptr<Process> registry_;
  std::map<std::string, std::unique_ptr<Process>> followers_;
};

// A city with two counties, made by the API.
struct Places {
  std::string city_id;
  std::string near_id;
  std::string far_id;
};
Places MakePlaces(HttpClient& client);

// The JSON of a new school.
std::string SchoolBody(const std::string& name, const std::string& jurisdiction_id);
// Its id; fails the test if it cannot be made.
std::string MakeSchool(HttpClient& client, const std::string& name, const std::string& jurisdiction_id);

// A client with one grant on a jurisdiction, made by the API, and its token. The grant lets it read
// organisations at least, and acts when this returns, which takes no longer than a second.
struct Guest {
  std::string client_id;
  std::string client_secret;
  std::string grant_id;
  std::string token;
};
Guest MakeGuest(Platform& platform, HttpClient& client, const std::string& permission,
                const std::string& jurisdiction_id);

}  // namespace lianqiao::e2e
