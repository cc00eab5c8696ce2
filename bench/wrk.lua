-- What wrk asks and how it tells the result: the request stands in a file, the result is one JSON line on stdout.
-- The file: one header a line ("Name: value"), an empty line, the body.
local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function init(args)
  local text = read(args[1])
  local head, body = text:match("^(.-)\n\n(.*)$")
  wrk.method = "POST"
  wrk.body = body
  for name, value in head:gmatch("([^\n:]+): ([^\n]*)") do
    wrk.headers[name] = value
  end
end

function done(summary, latency, requests)
  local e = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"bytes":%d,"micros":%d,"p50_us":%d,"p99_us":%d,"not_200":%d,"socket_errors":%d,"timeouts":%d}',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),
    e.status, e.connect + e.read + e.write, e.timeout))
end
