-- Gives a log another name, because it has lost messages that somebody was already shown.
-- KEYS  1 meta   2 log
-- ARGV  1 the epoch in which they were shown   2 the last offset shown   3 the new epoch
--       4 '1' when the loss is proven although the log has grown back to that offset
-- Gives { epoch now }
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if epoch ~= ARGV[1] then
  return { epoch or '' }
end

local tail = redis.call('LINDEX', KEYS[2], -1)
local top = tonumber(tail and string.match(tail, '^%S+ %S+ (%d+)') or redis.call('HGET', KEYS[1], 'offset') or '0')
if ARGV[4] ~= '1' and top >= tonumber(ARGV[2]) then
  return { epoch }
end

redis.call('HSET', KEYS[1], 'epoch', ARGV[3])
return { ARGV[3] }
