-- Reads on from a position, oldest first, as far as one answer may go.
-- KEYS  1 meta   2 log
-- ARGV  1 epoch   2 offset   3 most messages   4 how many are newest
-- Gives { epoch, top, continues (0 or 1), publication at the position or '', publication… }: where it does not continue,
-- the newest
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then
  return { '', 0, 0, '' }
end

local length = redis.call('LLEN', KEYS[2])
local top = length > 0 and string.match(redis.call('LINDEX', KEYS[2], -1), '^%S+ %S+ (%d+)')
top = tonumber(top or redis.call('HGET', KEYS[1], 'offset') or '0')

local missing = top - tonumber(ARGV[2])
local continues = ARGV[1] == epoch and missing >= 0 and missing <= length
local anchor = continues and missing < length and redis.call('LINDEX', KEYS[2], -missing - 1) or ''
local reply = { epoch, top, continues and 1 or 0, anchor }
local first, last = -math.min(tonumber(ARGV[4]), length), -1
if continues then
  first, last = -missing, -missing + math.min(missing, tonumber(ARGV[3])) - 1
end
if first < 0 then
  for _, publication in ipairs(redis.call('LRANGE', KEYS[2], first, last)) do
    reply[#reply + 1] = publication
  end
end
return reply
