-- Reads the page that ends just below an offset.
-- KEYS  1 log
-- ARGV  1 offset   2 most messages
-- Gives { older ones exist (0 or 1), publication… }
local tail = redis.call('LINDEX', KEYS[1], -1)
if not tail then
  return { 0 }
end

local top = tonumber(string.match(tail, '^%S+ %S+ (%d+)'))
local first = top - redis.call('LLEN', KEYS[1]) + 1
local last = math.min(tonumber(ARGV[1]) - 1, top)
local from = math.max(first, last - tonumber(ARGV[2]) + 1)
if last < from then
  return { 0 }
end

local reply = { from > first and 1 or 0 }
for _, publication in ipairs(redis.call('LRANGE', KEYS[1], from - top - 1, last - top - 1)) do
  reply[#reply + 1] = publication
end
return reply
