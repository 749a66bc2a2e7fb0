-- wrk asks an exporter to probe, again and again, and counts the answers in which the probe did not succeed.
-- ASK_PATH is the request; %TARGET% in it stands for 127.0.x.y, one of ASK_TARGETS in turn. An answer must have ASK_WANT.
local path, want = os.getenv("ASK_PATH"), os.getenv("ASK_WANT")
local targets = tonumber(os.getenv("ASK_TARGETS") or "0")
local turn, threads = 0, {}
failed = 0

function setup(thread) table.insert(threads, thread) end

function request()
  if targets == 0 then return wrk.format("GET", path) end
  turn = turn % targets + 1
  local host = string.format("127.0.%d.%d", math.floor((turn + 1) / 256), (turn + 1) % 256)
  return wrk.format("GET", (string.gsub(path, "%%TARGET%%", host)))
end

function response(status, _, body)
  if status ~= 200 or not string.find(body, want, 1, true) then failed = failed + 1 end
end

function done(summary)
  local all = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  for _, thread in ipairs(threads) do all = all + thread:get("failed") end
  io.write(string.format('{"asked": %d, "seconds": %f, "failed": %d}\n', summary.requests, summary.duration / 1e6, all))
end
