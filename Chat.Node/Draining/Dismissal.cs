using Chat.Node.Connections;
using Chat.Protocol;

namespace Chat.Node.Draining;

/// <summary>Sends connections elsewhere, spread over a time.</summary>
internal static class Dismissal
{
    private static readonly TimeSpan StepMin = TimeSpan.FromMilliseconds(50);

    /// <summary>Tells all at once, then closes one after the other whoever is still here at his turn: a client may go at any time within the window.</summary>
    public static async Task RunAsync(
        IReadOnlyCollection<Connection> leaving, TimeSpan window, CloseCode code, TimeProvider time, CancellationToken cancellationToken)
    {
        foreach (var connection in leaving)
        {
            connection.Dismiss((int)window.TotalMilliseconds);
        }

        var step = window / Math.Max(1, leaving.Count);
        var due = TimeSpan.Zero;
        foreach (var connection in leaving)
        {
            due += step;
            if (due >= StepMin)
            {
                await Task.Delay(due, time, cancellationToken);
                due = TimeSpan.Zero;
            }

            connection.Close(code, code == CloseCode.Drain ? "drain" : "rebalanced");
        }
    }
}
