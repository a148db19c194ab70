return await Chat.Redis.RedisServerApp.RunAsync(args);
