-- Takes sends from a user's budget, which all nodes share: a bucket that fills at a rate up to a burst.
-- KEYS  1 budget (hash: tokens, at)
-- ARGV  1 rate per second   2 burst   3 how many are wanted
-- Gives { granted, ms until there is one more where none was granted }
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local budget = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = burst
if budget[1] then
  -- The clock of a server may go back: that gives nothing, and takes nothing.
  tokens = math.min(burst, tonumber(budget[1]) + math.max(0, now - tonumber(budget[2])) * rate / 1000)
end

local granted = math.min(tonumber(ARGV[3]), math.floor(tokens))
tokens = tokens - granted
redis.call('HSET', KEYS[1], 'tokens', string.format('%.3f', tokens), 'at', string.format('%d', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
return { granted, granted > 0 and 0 or math.ceil((1 - tokens) * 1000 / rate) }
