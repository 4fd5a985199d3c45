-- Load for wrk. Arguments: get|post|put, mean pause in ms between two requests of a connection, the file of targets.
-- A target is two lines: access token, blank, path; then the body. With `put` every thread has one connection and its own target, so it can carry the revision from answer to request.
-- Pauses are random with that mean: connections that all paused equally long would ask in bursts, all at once.
local threads = {}

function setup(thread)
  thread:set("number", #threads + 1)
  table.insert(threads, thread)
end

function init(arguments)
  local file
  mode, pause, file = arguments[1], tonumber(arguments[2]), arguments[3]
  targets, rev = {}, 1
  local token, path
  for line in io.lines(file) do
    if not path then
      token, path = line:match("^(%S+) (%S+)$")
    else
      local headers = { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json" }
      table.insert(targets, { path = path, headers = headers, body = line })
      path = nil
    end
  end
  math.randomseed(number)
  bad = 0
end

function delay()
  return pause > 0 and math.floor(-pause * math.log(1 - math.random()) + 0.5) or 0
end

function request()
  local target = targets[mode == "put" and number or math.random(#targets)]
  if mode == "get" then return wrk.format("GET", target.path, target.headers) end
  if mode == "put" then target.headers["If-Match"] = '"' .. rev .. '"' end
  return wrk.format(mode:upper(), target.path, target.headers, target.body)
end

function response(status, headers)
  if status ~= 200 and status ~= 201 then
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
