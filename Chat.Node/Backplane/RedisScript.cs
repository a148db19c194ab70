using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Chat.Node.Backplane;

/// <summary>A script that is sent once per server and called by its hash from then on.</summary>
internal sealed class RedisScript
{
    private readonly string _name;
    private readonly string _text;
    private readonly byte[] _hash;

    /// <param name="name">File name of an embedded script: <c>append.lua</c>.</param>
    public RedisScript(string name)
    {
        _name = Path.GetFileNameWithoutExtension(name);
        var assembly = typeof(RedisScript).Assembly;
        var resource = assembly.GetManifestResourceNames().Single(known => known.EndsWith($".{name}", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        _text = reader.ReadToEnd();
#pragma warning disable CA5350 // The name Redis gives a script, not a secret.
        _hash = SHA1.HashData(Encoding.UTF8.GetBytes(_text));
#pragma warning restore CA5350
    }

    public async Task<RedisResult> EvaluateAsync(IDatabase redis, RedisKey[] keys, RedisValue[] values)
    {
        using var activity = Tracing.StartRedis(redis, "EVALSHA", _name);
        try
        {
            return await redis.ScriptEvaluateAsync(_hash, keys, values);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // The server is new or was restarted. EVAL runs it and keeps it. Nothing has been done yet: this is no retry.
            return await redis.ExecuteAsync("EVAL", [_text, keys.Length, .. keys.Cast<object>(), .. values.Cast<object>()]);
        }
        catch (Exception exception)
        {
            activity.Fail(exception.GetType().Name);
            throw;
        }
    }
}
