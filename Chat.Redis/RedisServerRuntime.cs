namespace Chat.Redis;

/// <summary>What the program around the server offers it.</summary>
internal sealed record RedisServerRuntime(IHostApplicationLifetime Lifetime, TimeProvider Time, ILogger<RedisServerService> Logger);
