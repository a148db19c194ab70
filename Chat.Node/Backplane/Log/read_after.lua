-- Reads everything after a position, or the newest messages where the log does not reach it.
-- KEYS  1 meta   2 log
-- ARGV  1 epoch ('' for none)   2 offset   3 most messages to recover   4 how many are newest
--       5 epoch for a new log ('' to create none)   6 kept, ms   7 most bytes to recover   8 '1' to give the publication at the offset, too
-- Gives { epoch, top, recovered (0 or 1), publication at the offset or '', publication… }
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'offset')
local epoch = meta[1]
if not epoch then
  -- A member needs a position even in a room in which nothing was said yet.
  if ARGV[5] ~= '' then
    redis.call('DEL', KEYS[2])
    redis.call('HSET', KEYS[1], 'epoch', ARGV[5], 'offset', 0)
    redis.call('PEXPIRE', KEYS[1], ARGV[6])
  end
  return { ARGV[5], 0, ARGV[1] == '' and 1 or 0, '' }
end

local top = tonumber(meta[2] or '0')
local length = redis.call('LLEN', KEYS[2])
if length > 0 then
  -- The log itself is the truth: see append.lua.
  top = tonumber(string.match(redis.call('LINDEX', KEYS[2], -1), '^%S+ %S+ (%d+)') or top)
end

local count = math.min(tonumber(ARGV[4]), length)
local recovered = 1
local anchor = ''
if ARGV[1] ~= '' then
  local missing = top - tonumber(ARGV[2])
  if ARGV[1] == epoch and missing >= 0 and missing <= length and missing <= tonumber(ARGV[3]) then
    count = missing
    anchor = ARGV[8] == '1' and missing < length and redis.call('LINDEX', KEYS[2], -missing - 1) or ''
  else
    recovered = 0
  end
end

local function read(newest)
  return newest > 0 and redis.call('LRANGE', KEYS[2], -newest, -1) or {}
end

local publications = read(count)
local bytes = 0
for _, publication in ipairs(publications) do
  bytes = bytes + #publication
end
if recovered == 1 and ARGV[1] ~= '' and bytes > tonumber(ARGV[7]) then
  recovered = 0
  publications = read(math.min(tonumber(ARGV[4]), length))
end

local reply = { epoch, top, recovered, anchor }
for _, publication in ipairs(publications) do
  reply[#reply + 1] = publication
end
return reply
