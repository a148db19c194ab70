-- Writes what one node knows of a room's people, and publishes what that has changed.
-- KEYS  1 presence (hash: connection → "user node incarnation", and :seq, :life)   2 read (hash: user → offset)   3 meta of the log
--       4 changes (list: the newest signals, for those who missed some)
-- ARGV  1 channel   2 presence kept, ms   3 read kept, ms   4 "node incarnation"
--       5 how many opened   6 how many closed   7 how many read   8 signals kept   then: connection, user …   connection …   user, offset …
-- Gives how many changes were ones.
-- A new hash gets the time as its name and its first number: neither was ever there before, whatever Redis has lost.
if redis.call('HEXISTS', KEYS[1], ':seq') == 0 then
  local time = redis.call('TIME')
  local born = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
  redis.call('HSET', KEYS[1], ':seq', born, ':life', born)
end

local lines = {}
local at = 9
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

if #lines > 0 then
  redis.call('HINCRBY', KEYS[1], ':seq', 1)
  local signal = '1 ' .. redis.call('HGET', KEYS[1], ':seq') .. '\n' .. table.concat(lines, '\n')
  local excess = redis.call('RPUSH', KEYS[4], signal) - tonumber(ARGV[8])
  for _ = 1, math.min(excess, 128) do
    redis.call('LPOP', KEYS[4])
  end
  redis.call('PEXPIRE', KEYS[4], ARGV[2])
  redis.call('PUBLISH', ARGV[1], signal)
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return #lines
