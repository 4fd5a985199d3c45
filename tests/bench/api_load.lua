-- Load for wrk. Arguments: get|put, pause in ms between two requests of a connection, the file of targets.
-- A target is one line: method path, then its headers, then its body, each on a line of its own (see api.py).
-- With `put` every thread has one connection and its own deal, so it can carry the revision from answer to request.
local threads = {}

function setup(thread)
  thread:set("number", #threads + 1)
  table.insert(threads, thread)
end

function init(arguments)
  mode, pause, file = arguments[1], tonumber(arguments[2]), arguments[3]
  token, paths, rev = nil, {}, 1
  local lines = {}
  for line in io.lines(file) do table.insert(lines, line) end
  token, body = lines[1], lines[2]
  for at = 3, #lines do table.insert(paths, lines[at]) end
  math.randomseed(number)
  bad = 0
end

function delay() return pause end

function request()
  local headers = { ["Authorization"] = "Bearer " .. token }
  if mode == "get" then return wrk.format("GET", paths[math.random(#paths)], headers) end
  headers["Content-Type"] = "application/json"
  headers["If-Match"] = '"' .. rev .. '"'
  return wrk.format("PUT", paths[number], headers, body)
end

function response(status, headers)
  if status ~= 200 then
    bad = bad + 1
  elseif mode == "put" then
    rev = tonumber((headers["etag"] or headers["ETag"] or '"1"'):match("%d+"))
  end
end

function done(summary, latency, requests)
  local wrong = 0
  for _, thread in ipairs(threads) do wrong = wrong + thread:get("bad") end
  io.write(string.format('\n{"rps": %.1f, "p50": %.3f, "p95": %.3f, "p99": %.3f, "wrong": %d}\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(95) / 1000,
    latency:percentile(99) / 1000, wrong + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
