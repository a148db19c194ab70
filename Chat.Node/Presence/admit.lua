-- Adds one connection of a user, unless there are too many.
-- KEYS  1 connections (hash: connection → "user node incarnation opened, Unix ms")
-- ARGV  1 connection   2 value   3 most connections   4 kept, ms
-- Gives { }, or all that are there when it was not added
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then
  return redis.call('HGETALL', KEYS[1])
end

redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return {}
