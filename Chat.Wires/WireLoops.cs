using Chat.Wires.Engines;
using Microsoft.Extensions.Logging;

namespace Chat.Wires;

/// <summary>One loop for each core, all on the same engine.</summary>
public sealed partial class WireLoops : IDisposable
{
    private readonly WireLoop[] _loops;
    private uint _next;

    private WireLoops(WireEngine engine, WireLoop[] loops) => (Engine, _loops) = (engine, loops);

    /// <summary>The one chosen: never <see cref="WireEngine.Auto"/>.</summary>
    public WireEngine Engine { get; }

    public IReadOnlyList<WireLoop> All => _loops;

    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    /// <exception cref="NotSupportedException">The engine that was asked for does not work here; the message says why.</exception>
    public static WireLoops Start(WireOptions options, TimeProvider clock, ILogger logger)
    {
        if (options.Check() is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        var choice = EngineChoice.Choose(options);
        LogEngine(logger, choice.Engine, choice.Reason);
        var loops = new List<WireLoop>();
        try
        {
            for (var number = 0; number < (options.Loops > 0 ? options.Loops : Environment.ProcessorCount); number++)
            {
                loops.Add(new WireLoop($"wires {number}", options, loop => EngineChoice.Create(choice.Engine, loop), (clock, logger)));
            }
        }
        catch
        {
            Stop(loops);
            throw;
        }

        return new WireLoops(choice.Engine, [.. loops]);
    }

    /// <summary>By turns. From any thread.</summary>
    public WireLoop Next() => _loops[Interlocked.Increment(ref _next) % _loops.Length];

    /// <summary>Resets all wires and ends the loops, when whoever waited for a wire has come to its end. Not from a loop.</summary>
    public void Dispose() => Stop(_loops);

    private static void Stop(IReadOnlyList<WireLoop> loops)
    {
        foreach (var loop in loops)
        {
            loop.Stop();
        }

        foreach (var loop in loops)
        {
            loop.Join();
        }
    }

    [LoggerMessage(LogLevel.Information, "Wires on {Engine}: {Reason}")]
    private static partial void LogEngine(ILogger logger, WireEngine engine, string reason);
}
