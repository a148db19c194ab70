-- Reads the page that ends just below an offset.
-- KEYS  1 log
-- ARGV  1 offset   2 most messages
-- Gives { older ones exist (0 or 1), publication… }
local top
for back = 1, 16 do
  -- Something that no node has written may be the last: the number before it tells where it stands.
  local entry = redis.call('LINDEX', KEYS[1], -back)
  local at = entry and string.match(entry, '^%S+ %S+ (%d+)')
  if at then
    top = tonumber(at) + back - 1
    break
  end
end
if not top then
  return { 0 }
end

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
