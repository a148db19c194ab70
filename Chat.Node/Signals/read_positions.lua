-- Reads up to where users have read: everybody, or only some where they are many.
-- KEYS  1 read   2 meta of the log
-- ARGV  1 how many are many   then: user …
-- Gives { user, offset, … }
local top = tonumber(redis.call('HGET', KEYS[2], 'offset') or '')
local all = {}
if redis.call('HLEN', KEYS[1]) <= tonumber(ARGV[1]) then
  all = redis.call('HGETALL', KEYS[1])
else
  for i = 2, #ARGV do
    all[#all + 1] = ARGV[i]
    all[#all + 1] = redis.call('HGET', KEYS[1], ARGV[i])
  end
end

local reply = {}
for i = 1, #all, 2 do
  local offset = tonumber(all[i + 1] or '')
  if offset and (not top or offset <= top) then
    reply[#reply + 1] = all[i]
    reply[#reply + 1] = offset
  end
end
return reply
