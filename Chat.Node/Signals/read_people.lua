-- Reads who is in a room, as of one change.
-- KEYS  1 presence
-- ARGV  1 presence kept, ms
-- Gives { number of the last change, connection, value, … }
local reply = { 0 }
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if all[i] == ':seq' then
    reply[1] = tonumber(all[i + 1])
  else
    reply[#reply + 1] = all[i]
    reply[#reply + 1] = all[i + 1]
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return reply
