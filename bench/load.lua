-- Load for wrk: every request is another query text, so that no cache answers it; or the same one, when FIXED is set.
local path, fixed, tag = os.getenv("BENCH_PATH"), os.getenv("BENCH_FIXED"), os.getenv("BENCH_ETAG")
local most, number, thread = tonumber(os.getenv("BENCH_THINGS")), 0, 0
wrk.headers["Accept"] = os.getenv("BENCH_ACCEPT")
if tag ~= "" then wrk.headers["If-None-Match"] = tag end

function init(_)
  math.randomseed(os.time())
  number = math.random(most) * 1000
end

function request()
  if fixed == "1" then return wrk.format("GET", path) end
  number = number + 1
  local made = path:gsub("NUMBER", tostring(number % most)):gsub("ONCE", tostring(number))
  return wrk.format("GET", made)
end

function done(summary, latency, _)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, failed,
    latency:percentile(50), latency:percentile(99)))
end
