-- Notes that a user was kicked, and tells all nodes.
-- KEYS  1 kicks (sorted set: user by when, Unix ms)
-- ARGV  1 channel   2 user   3 message   4 kept, ms
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], string.format('%d', now), ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%d', now - tonumber(ARGV[4])))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', ARGV[1], ARGV[3])
return 1
