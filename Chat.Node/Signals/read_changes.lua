-- Reads what has changed in a room since a number, if all of it is still there.
-- KEYS  1 presence   2 changes
-- ARGV  1 life of the hash as it is known   2 number of the last change known   3 presence kept, ms
-- Gives { signal, … }, or nothing where everything has to be read
local known = redis.call('HMGET', KEYS[1], ':seq', ':life')
local top = tonumber(known[1] or '')
local missing = top and known[2] == ARGV[1] and top - tonumber(ARGV[2]) or -1
if missing < 1 or missing > redis.call('LLEN', KEYS[2]) then
  return false
end

local signals = redis.call('LRANGE', KEYS[2], -missing, -1)
for i, signal in ipairs(signals) do
  if tonumber(string.match(signal, '^1 (%d+)') or '') ~= tonumber(ARGV[2]) + i then
    return false
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return signals
