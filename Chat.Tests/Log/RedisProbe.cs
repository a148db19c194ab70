using System.Collections.Concurrent;
using System.Reflection;
using StackExchange.Redis;

namespace Chat.Tests.Log;

/// <summary>Looks at every call to Redis on its way, and keeps those of one kind from ever being answered.</summary>
internal sealed class RedisProbe
{
    private readonly ConcurrentDictionary<string, int> _calls = new();
    private int _scripts;
    private int _scriptsMax;

    /// <summary>Calls of this method never end: <c>SortedSetAddAsync</c>.</summary>
    public string? Hung { get; init; }

    /// <summary>The most scripts that were under way at once.</summary>
    public int ScriptsAtOnceMax => Volatile.Read(ref _scriptsMax);

    public void Forget()
    {
        _calls.Clear();
        Volatile.Write(ref _scriptsMax, 0);
    }

    /// <param name="method">Of the client library: <c>ScriptEvaluateAsync</c>.</param>
    public int Calls(string method) => _calls.GetValueOrDefault(method);

    public IConnectionMultiplexer Wrap(IConnectionMultiplexer redis) => Wrapped<IConnectionMultiplexer>.Around(
        redis, (method, call) => method.Name == nameof(IConnectionMultiplexer.GetDatabase) ? Wrapped<IDatabase>.Around((IDatabase)call()!, See) : call());

    private object? See(MethodInfo method, Func<object?> call)
    {
        _calls.AddOrUpdate(method.Name, 1, (_, count) => count + 1);
        if (method.Name == Hung)
        {
            return method.ReturnType == typeof(Task<bool>) ? new TaskCompletionSource<bool>().Task : new TaskCompletionSource<long>().Task;
        }

        return method.Name == nameof(IDatabase.ScriptEvaluateAsync) ? CountAsync((Task<RedisResult>)call()!) : call();
    }

    private async Task<RedisResult> CountAsync(Task<RedisResult> script)
    {
        var now = Interlocked.Increment(ref _scripts);
        int most;
        while ((most = Volatile.Read(ref _scriptsMax)) < now && Interlocked.CompareExchange(ref _scriptsMax, now, most) != most)
        {
        }

        try
        {
            return await script;
        }
        finally
        {
            Interlocked.Decrement(ref _scripts);
        }
    }

#pragma warning disable CA1852 // A proxy's class is what the proxy derives from.
    private class Wrapped<T> : DispatchProxy
#pragma warning restore CA1852
        where T : class
    {
        private T _inner = null!;
        private Func<MethodInfo, Func<object?>, object?> _see = null!;

        public static T Around(T inner, Func<MethodInfo, Func<object?>, object?> see)
        {
            var proxy = Create<T, Wrapped<T>>();
            ((Wrapped<T>)(object)proxy)._inner = inner;
            ((Wrapped<T>)(object)proxy)._see = see;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            _see(targetMethod!, () => targetMethod!.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null));
    }
}
