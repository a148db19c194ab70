using System.Net.Sockets;

namespace Chat.Redis;

/// <summary>
/// Asks the server again and again over new connections. Garnet 2.2.8 now and then stops to accept, under load and for good, while it
/// goes on serving the connections that stand: its listening socket then has a backlog and nobody who takes from it.
/// </summary>
internal sealed class AcceptWatch(int port, RedisServerOptions options, TimeProvider time)
{
    private int _unanswered;

    /// <summary>One question.</summary>
    /// <returns>True once as many in a row as the options say had no answer.</returns>
    public async Task<bool> IsDeafAsync(CancellationToken cancellationToken)
    {
        _unanswered = await AnswersAsync(cancellationToken) ? 0 : _unanswered + 1;
        return _unanswered >= options.UnansweredProbesMax;
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.ProbeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var connection = await RespConnection.OpenAsync(port, either.Token);
            await connection.CallAsync(either.Token, "PING");
            return true;
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }
}
