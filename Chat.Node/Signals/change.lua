-- Writes what one node knows of a room's people, and publishes what that has changed.
-- KEYS  1 presence (hash: connection → "user node incarnation", and :seq)   2 read (hash: user → offset)   3 meta of the log
-- ARGV  1 channel   2 presence kept, ms   3 read kept, ms   4 "node incarnation"
--       5 how many opened   6 how many closed   7 how many read   then: connection, user …   connection …   user, offset …
-- Gives the number of the last change.
local lines = {}
local at = 8
for _ = 1, tonumber(ARGV[5]) do
  local value = ARGV[at + 1] .. ' ' .. ARGV[4]
  if redis.call('HGET', KEYS[1], ARGV[at]) ~= value then
    redis.call('HSET', KEYS[1], ARGV[at], value)
    lines[#lines + 1] = '+ ' .. ARGV[at] .. ' ' .. value
  end
  at = at + 2
end

for _ = 1, tonumber(ARGV[6]) do
  if redis.call('HDEL', KEYS[1], ARGV[at]) == 1 then
    lines[#lines + 1] = '- ' .. ARGV[at]
  end
  at = at + 1
end

local reads = tonumber(ARGV[7])
if reads > 0 then
  -- Nobody has read beyond the top; a position that is beyond it belongs to a log that is gone.
  local top = tonumber(redis.call('HGET', KEYS[3], 'offset') or '')
  for _ = 1, reads do
    local offset = tonumber(ARGV[at + 1])
    local known = tonumber(redis.call('HGET', KEYS[2], ARGV[at]) or '')
    if top then
      offset = math.min(offset, top)
      known = known and known <= top and known or nil
    end
    if not known or offset > known then
      local digits = string.format('%d', offset)
      redis.call('HSET', KEYS[2], ARGV[at], digits)
      lines[#lines + 1] = 'r ' .. ARGV[at] .. ' ' .. digits
    end
    at = at + 2
  end
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
end

local sequence
if #lines > 0 then
  sequence = redis.call('HINCRBY', KEYS[1], ':seq', 1)
  redis.call('PUBLISH', ARGV[1], '1 ' .. string.format('%d', sequence) .. '\n' .. table.concat(lines, '\n'))
else
  sequence = tonumber(redis.call('HGET', KEYS[1], ':seq') or '0')
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return sequence
