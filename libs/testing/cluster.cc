// SPDX-License-Identifier: Apache-2.0
#include "libs/testing/cluster.h"

#include <fcntl.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "libs/base/clock.h"

extern char** environ;

namespace lianqiao::testing {
namespace {

constexpr char kBinaries[] = "/usr/lib/postgresql/15/bin/";
constexpr char kAccount[] = "postgres";
constexpr uint64_t kRoom = 4ull << 30;

// Settings for speed and for tests that provoke deadlocks; durability against a crash of the machine is not
// wanted, against a crash of PostgreSQL it stays.
constexpr char kServerOptions[] =
    " -c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=200 -c "
    "shared_buffers=64MB"
    " -c deadlock_timeout=100ms -c jit=off -c autovacuum_naptime=1h";

// Waits for the end of the test binary (its end of the pipe closes, even after kill -9), then stops the
// server, which the test itself may have stopped and started, and removes the folder.
constexpr char kGuardScript[] = R"sh(
trap '' INT TERM HUP
read -r ignored
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
  kill -QUIT "$pid" 2>/dev/null
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
  kill -KILL "$pid" 2>/dev/null
fi
rm -rf "$1"
)sh";

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "test PostgreSQL: %s\n", what.c_str());
  std::exit(1);
}

// Cloning a database makes 300 files, which costs 20 ms in memory and, on some disks, 300 ms.
std::string Parent() {
  struct statvfs memory = {};
  const bool roomy = ::statvfs("/dev/shm", &memory) == 0 && memory.f_bavail * memory.f_frsize >= kRoom;
  return roomy && ::access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
}

// As posix_spawn wants it; stays valid as long as `command`.
std::vector<char*> Arguments(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  return arguments;
}

// Starts a command with input from `input` and output into `output`, in a session of its own so that neither
// Ctrl-C nor a time limit on the test reaches it.
pid_t Spawn(const std::vector<std::string>& command, int input, const std::string& output) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  if (input < 0) {
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  } else {
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  }
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   0600);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  // A server that held on to a listening socket of the test's would keep its port open when the test has
  // closed it: whoever connects then waits for ever.
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t pid = -1;
  const int failed =
      posix_spawnp(&pid, command[0].c_str(), &files, &attributes, Arguments(command).data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) Die("cannot run " + command[0]);
  return pid;
}

}  // namespace

Cluster& Cluster::Instance() {
  static Cluster cluster;
  return cluster;
}

Cluster::Cluster() {
  if (::access((std::string(kBinaries) + "initdb").c_str(), X_OK) != 0) {
    Die(std::string("PostgreSQL 15 is not installed (no ") + kBinaries +
        "initdb); apt-get install postgresql-15");
  }
  folder_ = Parent() + "/lianqiao-pg-XXXXXX";
  if (::mkdtemp(folder_.data()) == nullptr) Die("cannot make " + folder_);
  Guard();
  if (::geteuid() == 0) {
    const passwd* account = ::getpwnam(kAccount);
    if (account == nullptr) Die("PostgreSQL refuses to run as root, and there is no account postgres");
    if (::chown(folder_.c_str(), account->pw_uid, account->pw_gid) != 0)
      Die("cannot give the folder to postgres");
  }
  Run(AsServerAccount({std::string(kBinaries) + "initdb", "--no-sync", "-A", "trust", "-U", "postgres", "-E",
                       "UTF8", "--locale=C.UTF-8", "-D", folder_ + "/data"}));
  Start();
}

Cluster::~Cluster() {
  administrator_.reset();
  ::close(guard_pipe_);
  ::waitpid(guard_, nullptr, 0);
}

void Cluster::Guard() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) Die("cannot make a pipe");
  guard_ = Spawn({"/bin/sh", "-c", kGuardScript, "guard", folder_}, ends[0], "/dev/null");
  ::close(ends[0]);
  guard_pipe_ = ends[1];
}

std::vector<std::string> Cluster::AsServerAccount(const std::vector<std::string>& command) const {
  if (::geteuid() != 0) return command;
  const std::string account = kAccount;
  std::vector<std::string> whole = {"setpriv",       "--reuid=" + account, "--regid=" + account,
                                    "--init-groups", "--inh-caps=-all",    "--reset-env"};
  whole.insert(whole.end(), command.begin(), command.end());
  return whole;
}

void Cluster::Run(const std::vector<std::string>& command) const {
  const std::string output = folder_ + ".log";
  const pid_t pid = Spawn(command, -1, output);
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid || status != 0) {
    const std::string show = "cat " + output + " " + folder_ + "/server.log >&2";
    [[maybe_unused]] const int shown = std::system(show.c_str());
    ::unlink(output.c_str());
    Die("failed: " + command.back());
  }
  ::unlink(output.c_str());
}

void Cluster::Start() {
  Run(AsServerAccount({std::string(kBinaries) + "pg_ctl", "-D", folder_ + "/data", "-s", "-w", "-t", "60",
                       "-l", folder_ + "/server.log", "-o",
                       "-c unix_socket_directories=" + folder_ + kServerOptions, "start"}));
  postgres::Database::Options options;
  options.connection = Connection("postgres", "postgres");
  options.workers = 1;
  options.name = "administrator";
  administrator_ = std::make_unique<postgres::Database>(options);
}

void Cluster::StopNow() {
  administrator_.reset();
  Run(AsServerAccount(
      {std::string(kBinaries) + "pg_ctl", "-D", folder_ + "/data", "-s", "-w", "-m", "immediate", "stop"}));
}

std::string Cluster::Connection(const std::string& role, const std::string& database) const {
  return "host=" + folder_ + " user=" + role + " dbname=" + database;
}

void Cluster::Administer(const std::string& sql) {
  const absl::Time deadline = base::Clock::System().Now() + absl::Seconds(30);
  const absl::Status status = administrator_->Run(deadline, [&sql](postgres::Session& session) {
    return session.Execute({"administer", sql, false}, postgres::Parameters()).status();
  });
  if (!status.ok()) Die(sql + ": " + status.ToString());
}

bool Cluster::Exists(const std::string& sql) {
  bool exists = false;
  const absl::Time deadline = base::Clock::System().Now() + absl::Seconds(30);
  const absl::Status status = administrator_->Run(deadline, [&](postgres::Session& session) {
    absl::StatusOr<postgres::Result> result = session.Execute({"exists", sql, false}, postgres::Parameters());
    if (result.ok()) exists = result->rows() > 0;
    return result.status();
  });
  if (!status.ok()) Die(sql + ": " + status.ToString());
  return exists;
}

}  // namespace lianqiao::testing
