-- Reads who is in a room, as of one change.
-- KEYS  1 presence
-- ARGV  1 presence kept, ms
-- Gives { number of the last change, life of the hash, connection, value, … }
-- A new hash gets the time as its name and its first number: neither was ever there before, whatever Redis has lost.
if redis.call('HEXISTS', KEYS[1], ':seq') == 0 then
  local time = redis.call('TIME')
  local born = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
  redis.call('HSET', KEYS[1], ':seq', born, ':life', born)
end

local reply = {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if all[i] == ':seq' then
    reply[1] = all[i + 1]
  elseif all[i] == ':life' then
    reply[2] = all[i + 1]
  end
end
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 1) ~= ':' then
    reply[#reply + 1] = all[i]
    reply[#reply + 1] = all[i + 1]
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return reply
