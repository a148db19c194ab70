-- Stores one message and publishes it, or finds that it was stored before.
-- KEYS  1 meta (hash: epoch, offset, renewed: when its expiry was last set, ms)   2 log (list, oldest first)   3 id (string: "epoch offset", expires)
-- ARGV  1 channel   2 frame up to the epoch   3 frame after the offset   4 origin   5 epoch for a new log
--       6 messages kept   7 id kept, ms   8 messages kept, ms
-- Gives { epoch, offset, duplicate (0 or 1) }
local seen = redis.call('GET', KEYS[3])
if seen then
  local epoch, offset = string.match(seen, '^(%S+) (%d+)$')
  return { epoch, tonumber(offset), 1 }
end

local meta = redis.call('HMGET', KEYS[1], 'epoch', 'offset', 'renewed')
local epoch = meta[1]
local last = tonumber(meta[2] or '0')
if epoch then
  -- The log itself is the truth: a server that was killed may have kept one write of a script and lost the next.
  local tail = redis.call('LINDEX', KEYS[2], -1)
  if tail then
    last = tonumber(string.match(tail, '^%S+ %S+ (%d+)') or last)
  end
else
  epoch = ARGV[5]
  last = 0
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'epoch', epoch)
end

local offset = last + 1
local position = string.format('%d', offset)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local publication = '1 ' .. epoch .. ' ' .. position .. ' ' .. string.format('%d', now) .. ' ' .. ARGV[4] .. '\n'
  .. ARGV[2] .. epoch .. '","offset":' .. position .. ARGV[3]

-- LPOP, not LTRIM: Garnet's LTRIM walks the whole list. The bound is for a limit that was lowered.
local excess = redis.call('RPUSH', KEYS[2], publication) - tonumber(ARGV[6])
for _ = 1, math.min(excess, 128) do
  redis.call('LPOP', KEYS[2])
end

-- Messages past their age go a few at a time, so that no append pays for all of them.
if offset % 64 == 0 then
  for _ = 1, 128 do
    local oldest = redis.call('LINDEX', KEYS[2], 0)
    local stored = oldest and string.match(oldest, '^%S+ %S+ %S+ (%d+)')
    if not stored or tonumber(stored) > now - tonumber(ARGV[8]) then
      break
    end
    redis.call('LPOP', KEYS[2])
  end
end

redis.call('HSET', KEYS[1], 'offset', position)
redis.call('SET', KEYS[3], epoch .. ' ' .. position, 'PX', ARGV[7])

-- Setting an expiry anew costs as much as storing the message: once in an eighth of the time is enough.
local kept = tonumber(ARGV[8])
local slack = math.floor(kept / 8)
if not meta[3] or now - tonumber(meta[3]) >= slack then
  local expiry = string.format('%d', kept + slack)
  redis.call('PEXPIRE', KEYS[1], expiry)
  redis.call('PEXPIRE', KEYS[2], expiry)
  redis.call('HSET', KEYS[1], 'renewed', string.format('%d', now))
end

redis.call('PUBLISH', ARGV[1], publication)
return { epoch, offset, 0 }
