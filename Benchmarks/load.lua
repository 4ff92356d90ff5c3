-- Sends the requests of a file: method, path, token, key and body, between tabs. Each thread has
-- its own share of the lines, and begins anew at their end.
local threads = 0

function setup(thread)
    thread:set("place", threads)
    threads = threads + 1
end

function init(arguments)
    local path, count = arguments[1], tonumber(arguments[2])
    requests, at = {}, 0
    local n = 0
    for line in io.lines(path) do
        if n % count == place then
            local method, path, token, key, body =
                line:match("([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)")
            requests[#requests + 1] = wrk.format(method, path, {
                ["Authorization"] = "Bearer " .. token, ["Idempotency-Key"] = key,
                ["Content-Type"] = "application/json"}, body)
        end
        n = n + 1
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end

function done(summary, latency)
    local other = summary.errors.status + summary.errors.connect + summary.errors.read
        + summary.errors.write + summary.errors.timeout
    io.write(string.format("answered %d other %d seconds %f p50 %f p99 %f\n",
        summary.requests, other, summary.duration / 1e6, latency:percentile(50) / 1000,
        latency:percentile(99) / 1000))
end
