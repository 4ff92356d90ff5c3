-- Books what the lines of a file ask for, each once: token, key and body. Each thread has its own
-- share of the lines.
local threads = 0

function setup(thread)
    thread:set("place", threads)
    threads = threads + 1
end

function init(arguments)
    local path, count = arguments[1], tonumber(arguments[2])
    lines, at = {}, 0
    local n = 0
    for line in io.lines(path) do
        if n % count == place then lines[#lines + 1] = line end
        n = n + 1
    end
end

function request()
    at = at + 1
    local token, key, body = lines[at]:match("([^\t]+)\t([^\t]+)\t(.+)")
    return wrk.format("POST", "/v1/bookings", {
        ["Authorization"] = "Bearer " .. token, ["Idempotency-Key"] = key,
        ["Content-Type"] = "application/json"}, body)
end

function done(summary, latency)
    local other = summary.errors.status + summary.errors.connect + summary.errors.read
        + summary.errors.write + summary.errors.timeout
    io.write(string.format("answered %d other %d seconds %f p50 %f p99 %f\n",
        summary.requests, other, summary.duration / 1e6, latency:percentile(50) / 1000,
        latency:percentile(99) / 1000))
end
