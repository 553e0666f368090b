-- wrk script: POST the lines of a file, one line a request, and stop when they are used up.
-- Arguments after `--`: FILE PATH [HEADER-NAME HEADER-VALUE].
local lines, at, path, headers = {}, 0, "/", {}

function init(args)
  headers["Content-Type"] = "application/json"
  path = args[2]
  if args[3] then headers[args[3]] = args[4] end
  for line in io.lines(args[1]) do lines[#lines + 1] = line end
end

function request()
  at = at + 1
  if at > #lines then
    wrk.thread:stop()
    return wrk.format("GET", "/", {}, nil)
  end
  return wrk.format("POST", path, headers, lines[at])
end

function done(summary, latency, _)
  io.write(string.format(
    '\nJSON {"requests":%d,"micros":%d,"p50":%d,"p99":%d,"status_errors":%d,"socket_errors":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
