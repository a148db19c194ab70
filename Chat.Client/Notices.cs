using Microsoft.Extensions.Logging;

namespace Chat.Client;

/// <summary>What the client's user is to be told: in order, one at a time, and never while the session's gate is held.</summary>
internal sealed partial class Notices(ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Queue<Action> _waiting = new();
    private bool _telling;

    public void Add(Action tell)
    {
        lock (_gate)
        {
            _waiting.Enqueue(tell);
        }
    }

    /// <summary>Tells what waits, unless somebody is at it.</summary>
    public void Tell()
    {
        while (Next() is { } tell)
        {
            try
            {
                tell();
            }
#pragma warning disable CA1031 // A handler is not ours: what it throws ends neither the connection nor the client.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogHandlerFailed(exception);
            }
            finally
            {
                lock (_gate)
                {
                    _telling = false;
                }
            }
        }
    }

    private Action? Next()
    {
        lock (_gate)
        {
            if (_telling || !_waiting.TryDequeue(out var tell))
            {
                return null;
            }

            _telling = true;
            return tell;
        }
    }

    [LoggerMessage(LogLevel.Error, "An event handler of the chat client failed")]
    private partial void LogHandlerFailed(Exception exception);
}
