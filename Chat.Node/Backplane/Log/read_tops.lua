-- Reads where many logs end: all that a node needs to see that it has missed nothing.
-- KEYS  meta and log of each
-- ARGV  1 kept while nothing was said yet, ms: who looks has the room open
-- Gives for each: epoch ('' for none), offset, the newest entry's line ('' for none)
local reply = {}
for i = 1, #KEYS, 2 do
  local meta = redis.call('HMGET', KEYS[i], 'epoch', 'offset')
  local tail = redis.call('LINDEX', KEYS[i + 1], -1)
  if meta[1] and not tail then
    redis.call('PEXPIRE', KEYS[i], ARGV[1])
  end
  local at = tail and string.match(tail, '^%S+ %S+ (%d+) ') or meta[2] or '0'
  reply[#reply + 1] = meta[1] or ''
  reply[#reply + 1] = tonumber(at)
  reply[#reply + 1] = tail and string.match(tail, '^[^\n]*\n') or ''
end
return reply
