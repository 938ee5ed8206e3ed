-- SPDX-License-Identifier: Apache-2.0
-- For wrk: posts one JSON file again and again, and says at the end what came of it in one line.
-- Arguments after "--": the file, then a bearer token or nothing.

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  wrk.method = "POST"
  wrk.body = file:read("*a"):gsub("%s+$", "")
  file:close()
  wrk.headers["Content-Type"] = "application/json"
  if arguments[2] then wrk.headers["Authorization"] = "Bearer " .. arguments[2] end
  request_text = wrk.format()
end

function request()
  return request_text
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format("result %d %d %d %.0f %.0f", summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
